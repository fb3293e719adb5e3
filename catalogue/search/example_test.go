package search_test

import (
	"context"
	"fmt"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/search"
)

func Example() {
	provider := catalogue.Provider{ID: "did:web:kurs.example", Name: catalogue.Texts{"nb": "Kursstedet"}}
	var listings []catalogue.Listing
	for _, title := range []string{"Regnskapsføring for små bedrifter", "Sjukepleiarar i heimen", "Sveising"} {
		listings = append(listings, catalogue.Listing{Provider: provider, Offer: catalogue.Offer{ID: title, Provider: provider.ID, Title: catalogue.Texts{"nb": title}}})
	}
	index, err := search.New(context.Background(), listings, search.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"regnskap", "sykepleier", "sveisnig"} {
		found, err := index.Search(context.Background(), catalogue.Query{Text: text})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, hit := range found.Hits {
			fmt.Println(text, "→", hit.Offer.Title.In("nb"), found.Read)
		}
	}
	// Output:
	// regnskap → Regnskapsføring for små bedrifter map[regnskap:[regnskapsføring]]
	// sykepleier → Sjukepleiarar i heimen map[]
	// sveisnig → Sveising map[sveisnig:[sveising]]
}
