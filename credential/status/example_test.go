package status_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// An issuer sets a bit and publishes the list; a verifier looks the entry of
// a credential up in it. Both signatures are left out here.
func Example() {
	const url = "https://kurs.example/status/revocation-1.json"
	list, err := status.NewList(status.MinEntries)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := list.Set(94567, true); err != nil {
		fmt.Println(err)
		return
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	draft, err := status.Draft(url, status.Revocation, strictjson.String("did:web:kurs.example"), list, from, from.AddDate(0, 1, 0))
	if err != nil {
		fmt.Println(err)
		return
	}
	published, err := draft.Build()
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, index := range []uint64{94567, 94568} {
		entry := status.Entry{ListURL: url, Purpose: status.Revocation, Index: index}
		revoked, err := status.Check(context.Background(), entry, published.Document())
		fmt.Println(index, revoked, err)
	}
	// Output:
	// 94567 true <nil>
	// 94568 false <nil>
}
