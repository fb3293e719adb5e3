package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kompetansebevis/bevis/docs/schemas"
	"github.com/kompetansebevis/bevis/internal/app"
)

// watched runs the command for a script. What verify writes as JSON is held
// against the published schema on its way: exit code 99 where it does not
// conform.
func watched() int {
	if len(os.Args) < 2 || os.Args[1] != "verify" || !slices.Contains(os.Args, "--json") && !slices.Contains(os.Args, "json") {
		return run(10, scriptKeyring())
	}
	real := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		return 99
	}
	var seen bytes.Buffer
	done := make(chan error)
	go func() {
		_, err := io.Copy(io.MultiWriter(real, &seen), r)
		done <- err
	}()
	os.Stdout = w
	code := run(10, scriptKeyring())
	os.Stdout = real
	if err := w.Close(); err != nil {
		return 99
	}
	if err := <-done; err != nil {
		return 99
	}
	if err := conforming(seen.String()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	return code
}

func conforming(text string) error {
	if !strings.Contains(text, app.VerifySchema) { // an error, or a file
		return nil
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schemas.Verify))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		return err
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		return err
	}
	result, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(result)
}
