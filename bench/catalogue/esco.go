package main

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
)

// concept is an occupation or a skill of ESCO.
type concept struct {
	uri, label, description string
	alternatives            []string
}

// concepts reads the English occupations and skills.
func concepts(path string) ([]concept, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	var out []concept
	for _, name := range []string{"occupations_en.csv", "skills_en.csv"} {
		file, err := archive.Open(name)
		if err != nil {
			return nil, err
		}
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
		column := map[string]int{}
		for i, heading := range rows[0] {
			column[heading] = i
		}
		for _, row := range rows[1:] {
			c := concept{uri: row[column["conceptUri"]], label: row[column["preferredLabel"]], description: row[column["description"]]}
			if alt := row[column["altLabels"]]; alt != "" {
				c.alternatives = strings.Split(alt, "\n")
			}
			out = append(out, c)
		}
	}
	return out, nil
}

const makers = 200

// generate makes n offers of the concepts, the same each time: each concept
// gives one under its label and then one under another of its names, until
// there are enough.
func generate(concepts []concept, n int) ([]catalogue.Provider, []catalogue.Offer) {
	random := rand.New(rand.NewPCG(1, 2))
	var providers []catalogue.Provider
	for i := range makers {
		providers = append(providers, catalogue.Provider{ID: fmt.Sprintf("did:web:maker-%d.example", i), Name: catalogue.Texts{"en": fmt.Sprintf("Maker %d", i)}, Country: "NO"})
	}
	var offers []catalogue.Offer
	for round := 0; len(offers) < n; round++ {
		for i, c := range concepts {
			title := c.label
			if round > 0 {
				if len(c.alternatives) < round {
					continue
				}
				title = c.alternatives[round-1]
			}
			if len(offers) == n {
				break
			}
			o := catalogue.Offer{ID: strconv.Itoa(round) + "-" + strconv.Itoa(i), Provider: providers[random.IntN(makers)].ID,
				Title: catalogue.Texts{"en": title}, Description: catalogue.Texts{"en": c.description}, Subjects: c.alternatives[:min(len(c.alternatives), 5)],
				Type: catalogue.Course, Mode: []catalogue.Mode{catalogue.Online, catalogue.Onsite, catalogue.Blended}[random.IntN(3)],
				Languages: []string{"en"}, Place: []string{"Oslo", "Bergen", "Tromsø", "Bodø", ""}[random.IntN(5)],
				Runs:  []catalogue.Run{{Start: catalogue.Date(fmt.Sprintf("2027-%02d-%02d", 1+random.IntN(12), 1+random.IntN(28)))}},
				Level: catalogue.Level{EQF: 1 + random.IntN(8)}, Price: &catalogue.Price{Amount: float64(random.IntN(40) * 250), Currency: "NOK"},
				Credits: &catalogue.Credits{Value: 2.5 * float64(1+random.IntN(12)), Scheme: "ECTS"}}
			if strings.Contains(c.uri, "/skill/") {
				o.Outcomes = []catalogue.Outcome{{Skill: c.uri, Text: catalogue.Texts{"en": c.label}}}
			}
			offers = append(offers, o)
		}
	}
	return providers, offers
}

// queries makes what people would type of the same texts: a name, some words
// of one, one with a typing error, the beginning of one, and a sentence.
func queries(concepts []concept, n int) map[string][]string {
	random := rand.New(rand.NewPCG(3, 4))
	out := map[string][]string{}
	for len(out["name"]) < n {
		c := concepts[random.IntN(len(concepts))]
		words := strings.Fields(c.label)
		long := words[0]
		for _, w := range words {
			if len(w) > len(long) {
				long = w
			}
		}
		described := strings.Fields(c.description)
		if len(long) < 6 || len(described) < 12 {
			continue
		}
		at := 1 + random.IntN(len(long)-2)
		out["name"] = append(out["name"], c.label)
		out["one word"] = append(out["one word"], long)
		out["typing error"] = append(out["typing error"], long[:at]+string(long[at+1])+string(long[at])+long[at+2:])
		out["letter left out"] = append(out["letter left out"], strings.Replace(c.label, long, long[:at]+long[at+1:], 1))
		out["beginning"] = append(out["beginning"], long[:4])
		out["sentence"] = append(out["sentence"], strings.Join(described[:12], " "))
	}
	return out
}
