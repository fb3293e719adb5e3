// Command verify-http answers POST /verify with a verdict, for one trusted
// issuer, without asking anybody: it fetches nothing.
//
//	verify-http did:key:z6Mk… &
//	curl --data-binary @badge.json http://127.0.0.1:8080/verify
package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: verify-http ISSUER…")
	}
	handler, err := newHandler(trust.Pins(os.Args[1:]...), time.Now)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr: "127.0.0.1:8080", Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}

const maxBody = 1 << 20

func newHandler(registry trust.Registry, now func() time.Time) (http.Handler, error) {
	all, err := suites.All()
	if err != nil {
		return nil, err
	}
	v, err := verifier.New(verifier.Config{
		Suites: all, Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}}, Trust: registry, Now: now,
		Status: verifier.NoStatus{}, // where yours come from: a cache, a folder, a guarded client
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /verify", func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			http.Error(w, "more than 1 MiB", http.StatusRequestEntityTooLarge)
			return
		} else if err != nil {
			return // the caller went away
		}
		report, err := v.Verify(r.Context(), verifier.Request{Raw: raw})
		answer := map[string]string{"verdict": report.Verdict.String(), "reason": string(report.Reason), "issuer": report.Issuer.ID}
		if err != nil {
			answer["message"] = err.Error()
		}
		// A credential that is not valid is an answer, not a failed request.
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(report.Reason.Class().HTTPStatus())
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			log.Print(err)
		}
	})
	return mux, nil
}
