package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/wallet"
)

const issuers = 16

// credentials issues n distinct badges of about 4 KB to a holder.
func credentials(ctx context.Context, suite proof.Suite, holder string, n int) ([]wallet.AddRequest, error) {
	var by []*issuer.Issuer
	for k := range issuers {
		private, err := key.Generate(key.Ed25519)
		if err != nil {
			return nil, err
		}
		id, method, err := did.KeyID(private.Public())
		if err != nil {
			return nil, err
		}
		i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: "Høgskulen i " + pick(places, k)}, Signer: private.Signer(method),
			Suite: suite, Ledger: issuer.NewMemoryLedger(), Now: time.Now, StatusBase: fmt.Sprintf("https://kurs%d.example/status/", k+1)})
		if err != nil {
			return nil, err
		}
		by = append(by, i)
	}
	out := make([]wallet.AddRequest, n)
	failed := make([]error, runtime.NumCPU())
	var work sync.WaitGroup
	for w := range failed {
		work.Go(func() {
			for k := w; k < n; k += len(failed) {
				issued, err := by[k%len(by)].Issue(ctx, award(holder, k))
				if err != nil {
					failed[w] = err
					return
				}
				out[k] = wallet.AddRequest{Raw: issued.Credential, Source: fmt.Sprintf("%06d.json", k),
					Verified: &wallet.Verification{Verdict: "valid", At: time.Now().UTC().Truncate(time.Second)}}
			}
		})
	}
	work.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// award is the k-th of the awards. No two have the same title, and what they
// say is put together from lists in an order of its own.
func award(holder string, k int) issuer.Award {
	subject := pick(subjects, k)
	var outcomes []string
	for n := range 38 {
		outcomes = append(outcomes, fmt.Sprintf("Deltakaren kan %s %s i %s.", pick(doing, k*7+n*3), pick(things, k*5+n*11), pick(places, k*3+n)))
	}
	var skills []openbadge.Alignment
	for n := range 3 {
		skills = append(skills, openbadge.Alignment{TargetName: pick(doing, k+n*5) + " " + pick(things, k*2+n*7),
			TargetURL: fmt.Sprintf("https://rammeverk.example/skills/%08x", uint32(k*2654435761+n*40503))})
	}
	skills = append(skills, openbadge.Alignment{TargetName: fmt.Sprintf("EQF level %d", 3+k%5), TargetURL: fmt.Sprintf("http://data.europa.eu/snb/eqf/%d", 3+k%5)})
	return issuer.Award{
		Recipient: issuer.Recipient{ID: holder, Name: "Kari Nordmann"}, Narrative: strings.Join(outcomes[30:37], " "),
		Achievement: openbadge.Achievement{ID: fmt.Sprintf("https://kurs.example/a/%d", k), AchievementType: "Course", InLanguage: "nn",
			Name:        fmt.Sprintf("%s i %s, del %d", subject, pick(places, k/len(subjects)), k),
			Description: strings.Join(outcomes[:14], " "), Criteria: &openbadge.Criteria{Narrative: strings.Join(outcomes[14:30], " ")}, Alignment: skills},
		Evidence: []openbadge.Evidence{{ID: fmt.Sprintf("https://kurs.example/e/%d/%08x", k, uint32(k*2246822519)), Name: "Oppgåve om " + pick(things, k*13), Narrative: outcomes[37]}},
	}
}

func pick(list []string, k int) string { return list[k%len(list)] }

var (
	subjects = strings.Fields("Sveising Datasikkerheit Helsearbeid Barnehagepedagogikk Reknskap Maskinlæring Fiskeoppdrett Byggteknikk Eldreomsorg Programmering " +
		"Prosjektleiing Miljøovervaking Elektronikk Kokkefag Personvern Logistikk Statistikk Tolking Rettleiing Vedlikehald")
	places = strings.Fields("Bergen Øvre-Årdal Ål Tromsø Bodø Røros Ålesund Førde Vadsø Kautokeino Stavanger Hamar Gjøvik Narvik Molde Sogndal Voss Flekkefjord " +
		"Kristiansund Lærdal Svolvær Mosjøen Brønnøysund")
	doing = strings.Fields("planleggje måle vurdere dokumentere reparere rettleie teikne berekne kontrollere leie undersøkje forklare rapportere montere analysere " +
		"prøve samanlikne organisere")
	things = strings.Fields("sveisesaumar nettverk journalar rekneskap modellar merdar bygg pasientar program prosjekt vassprøver kretsar rettar avtalar lager utval " +
		"samtaler maskiner risiko tryggleik budsjett kjelder læreplanar målingar straum trykk")
)

// size is the mean length of the credentials.
func size(made []wallet.AddRequest) int {
	total := 0
	for _, r := range made {
		total += len(bytes.TrimSpace(r.Raw))
	}
	return total / max(1, len(made))
}
