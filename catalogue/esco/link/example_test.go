package link_test

import (
	"context"
	"fmt"
	"os"

	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/catalogue/esco/link"
)

func ExampleLinker_Link() {
	ctx := context.Background()
	file, err := os.Open("../testdata/small.jsonl")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	vocabulary, err := esco.ReadLines(ctx, file, esco.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	linker := link.New(vocabulary)
	links, err := linker.Link(ctx, "Du må kunne sveise. Vi ser gjerne at du leser arbeidstegninger.", link.Options{Language: "nb", Limit: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range links {
		skill, _ := vocabulary.Skill(l.Skill)
		fmt.Printf("%s, from %q\n", skill.Labels.In("nb"), l.Evidence)
	}
	// Output:
	// lese arbeidstegninger, from "leser arbeidstegninger"
	// bruke sveiseutstyr, from "sveise"
}
