package bake_test

import (
	"fmt"

	"github.com/kompetansebevis/bevis/credential/bake"
)

func Example() {
	picture := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>`)
	baked, err := bake.Bake(picture, []byte(`{"name":"Sveis æøå"}`), bake.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	got, err := bake.Extract(baked, bake.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %s\n", got.Format, got.Credential)
	// Output: svg {"name":"Sveis æøå"}
}
