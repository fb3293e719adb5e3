// Package schemas holds the JSON Schemas of what bevis writes for programs, as
// they are published beside the documentation.
package schemas
