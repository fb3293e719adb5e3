// Command issue-http is a provider's own service that issues a badge when a
// course is completed. Only the provider's other programs may reach it.
//
//	issue-http did:web:kurs.example key.pem ledger.db &
//	curl -d student=did:key:z6Mk… -d course=sveising http://127.0.0.1:8080/completed
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
	"github.com/kompetansebevis/bevis/reason"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: issue-http ID KEY LEDGER")
	}
	private := must(key.ParsePEM(must(os.ReadFile(os.Args[2]))))
	ledger := must(sqlite.Open(context.Background(), os.Args[3]))
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: newHandler(os.Args[1], private, ledger), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

func newHandler(id string, private *key.Private, ledger issuer.Ledger) http.Handler {
	i := must(issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: "Kursstedet"}, Signer: private.Signer(id + "#key-1"),
		Suite: must(must(suites.All()).Suite(dataintegrity.EdDSARDFC2022)), Ledger: ledger, Now: time.Now}))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /completed", func(w http.ResponseWriter, r *http.Request) {
		course, student := r.FormValue("course"), r.FormValue("student")
		issued, err := i.Issue(r.Context(), issuer.Award{Recipient: issuer.Recipient{ID: student}, IdempotencyKey: course + " " + student,
			Achievement: openbadge.Achievement{ID: "https://kurs.example/" + course, Name: course, Description: "Kurs", Criteria: &openbadge.Criteria{Narrative: "Bestått prøve"}}})
		if err != nil {
			http.Error(w, err.Error(), max(reason.CodeOf(err).Class().HTTPStatus(), http.StatusUnprocessableEntity))
			return
		}
		w.Header().Set("Content-Type", "application/vc")
		_, _ = w.Write(issued.Credential) // who went away asks again, and gets the same
	})
	return mux
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
