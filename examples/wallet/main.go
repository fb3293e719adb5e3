// Command wallet shows a wallet in a program's own code: make one, keep a
// credential, share it with one receiver, read the log.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/wallet"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: wallet CREDENTIAL.json")
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "wallet-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := run(context.Background(), os.Stdout, wallet.NewFileStore(filepath.Join(folder, "kari.bevis")), raw); err != nil {
		log.Print(err)
	}
}

func run(ctx context.Context, out io.Writer, store wallet.Store, credential []byte) error {
	w, words, err := wallet.Create(ctx, wallet.CreateRequest{Store: store, Passphrase: []byte("fire hester i regn"), Now: time.Now})
	if err != nil {
		return err
	}
	item, _, err := w.Add(ctx, wallet.AddRequest{Raw: credential, Source: "e-mail from the course"})
	if err != nil {
		return err
	}
	all, err := suites.All()
	if err != nil {
		return err
	}
	suite, err := all.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		return err
	}
	presentation, share, err := w.Share(ctx, wallet.ShareRequest{
		IDs: []string{item.ID}, Audience: "https://verkstedet.example", Purpose: "job application",
		Expires: time.Now().AddDate(0, 1, 0), Suite: suite,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d recovery words, kept %q, shared %d bytes with %s: %v\n", len(words), item.Title, len(presentation), share.Audience, share.Titles)
	return err
}
