package schemas

import _ "embed"

// Verify is the schema (2020-12) of the form bevis.verify/v1.
//
//go:embed bevis.verify.v1.schema.json
var Verify string

// Lint is the schema (2020-12) of the form bevis.lint/v1.
//
//go:embed bevis.lint.v1.schema.json
var Lint string
