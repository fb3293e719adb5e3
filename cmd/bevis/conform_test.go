package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// await FILE waits until a command in the background has written a file.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await file")
	}
	for range 600 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s did not come", args[0])
}

// adapter is what a localConfig.cjs says of who answers.
type adapter struct {
	Implementations []struct {
		Issuers, Verifiers []struct{ ID, Endpoint string }
	}
}

func readAdapter(ts *testscript.TestScript, file string) (config adapter) {
	text := strings.TrimPrefix(ts.ReadFile(file), "module.exports = ")
	ts.Check(json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(text), ";")), &config))
	return config
}

// post sends a request to an adapter, whose certificate is its own.
func post(ts *testscript.TestScript, url, body string) (int, []byte) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	resp, err := client.Post(url, "application/json", strings.NewReader(body))
	ts.Check(err)
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	return resp.StatusCode, answer
}

// ask CONFIG PATH FILE STATUS sends a request to a path of an adapter, which
// must be answered with STATUS, and leaves the answer in answer.json. In the
// request the id of the issuer of that path stands for ISSUER, and the
// credential of the answer before for ANSWER.
func ask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: ask config path file status")
	}
	config := readAdapter(ts, args[0])
	body, url := ts.ReadFile(args[2]), ""
	for _, issuer := range config.Implementations[0].Issuers {
		base, _, _ := strings.Cut(issuer.Endpoint, "/issuers/")
		if url = base + args[1]; url == issuer.Endpoint {
			body = strings.ReplaceAll(body, "ISSUER", issuer.ID)
		}
	}
	if strings.Contains(body, "ANSWER") {
		var before struct{ VerifiableCredential json.RawMessage }
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("answer.json")), &before))
		body = strings.ReplaceAll(body, "ANSWER", string(before.VerifiableCredential))
	}
	got, answer := post(ts, url, body)
	if strconv.Itoa(got) != args[3] {
		ts.Fatalf("%s: %d, want %s: %s", url, got, args[3], answer)
	}
	ts.Check(os.WriteFile(ts.MkAbs("answer.json"), answer, 0o600))
}

// conform CONFIG ISSUER FILE STATUS has an issuer of localConfig.cjs sign a
// credential, which must be answered with STATUS. What was signed must verify,
// and must not once it is changed.
func conform(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: conform config issuer file status")
	}
	config := readAdapter(ts, args[0])
	want, err := strconv.Atoi(args[3])
	ts.Check(err)
	for n, issuer := range config.Implementations[0].Issuers {
		if !strings.Contains(issuer.Endpoint, "/issuers/"+args[1]+"/") {
			continue
		}
		got, answer := post(ts, issuer.Endpoint, `{"credential":`+strings.ReplaceAll(ts.ReadFile(args[2]), "ISSUER", issuer.ID)+`}`)
		if got != want {
			ts.Fatalf("%s: %d, want %d: %s", issuer.Endpoint, got, want, answer)
		}
		if got != http.StatusCreated {
			return
		}
		verifier := config.Implementations[0].Verifiers[n].Endpoint
		if got, why := post(ts, verifier, string(answer)); got != http.StatusOK {
			ts.Fatalf("%s: %d: %s", verifier, got, why)
		}
		if got, why := post(ts, verifier, string(bytes.Replace(answer, []byte("Kursstedet"), []byte("Kursstaden"), 1))); got != http.StatusBadRequest {
			ts.Fatalf("%s, changed: %d: %s", verifier, got, why)
		}
		return
	}
	ts.Fatalf("%s has no issuer %s", args[0], args[1])
}
