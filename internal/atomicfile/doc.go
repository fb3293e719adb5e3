// Package atomicfile writes files whole or not at all, and lets one process at a
// time do so.
package atomicfile
