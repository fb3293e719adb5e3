package jades_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/reason"
)

var makeFixed = flag.Bool("make-fixed", false, "make the sealed documents of cmd/bevis/testdata/fixed anew, with new keys")

const fixedFolder = "../../../cmd/bevis/testdata/fixed"

// fixedDocument is sealed in testdata/fixed: its issuer is who sealed.
const fixedDocument = `{"@context":["https://www.w3.org/2018/credentials/v1","http://data.europa.eu/snb/model/context/edc-ap"],"id":"urn:credential:9f1c","type":["VerifiableCredential","EuropeanDigitalCredential"],` +
	`"credentialProfiles":{"id":"http://data.europa.eu/snb/credential/e34929035b","type":"Concept","prefLabel":{"en":"Generic"}},` +
	`"displayParameter":{"id":"urn:epass:displayParameter:1","type":"DisplayParameter","title":{"nb":"Kursbevis i sveising","en":"Certificate in welding"}},` +
	`"issuer":{"id":"urn:epass:org:1","type":"Organisation","legalName":{"nb":"Kurs AS"},"eIDASIdentifier":{"id":"urn:epass:legal:1","type":"LegalIdentifier","notation":"NTRNO-123456785"}},` +
	`"issuanceDate":"2026-05-01T10:00:00Z","issued":"2026-05-01T10:00:00Z","validFrom":"2026-05-01T10:00:00Z",` +
	`"credentialSubject":{"id":"urn:epass:person:1","type":"Person","fullName":{"nb":"Kari Nordmann"},"hasClaim":{"id":"urn:epass:achievement:1","type":"LearningAchievement","title":{"nb":"Sveising"},` +
	`"awardedBy":{"id":"urn:epass:awarding:1","type":"AwardingProcess","awardingBody":{"id":"urn:epass:org:1","type":"Organisation","legalName":{"nb":"Kurs AS"}}},` +
	`"specifiedBy":{"id":"urn:epass:qualification:1","type":"Qualification","title":{"nb":"Sveising"},"description":{"nb":"Føyer sammen stål"},"eqfLevel":{"id":"http://data.europa.eu/snb/eqf/4","type":"Concept"}}}}}`

// TestFixed judges what the scripts of the command work with, and with
// -make-fixed makes it.
func TestFixed(t *testing.T) {
	t.Parallel()
	if *makeFixed {
		makeAll(t)
	}
	for _, name := range []string{"sealed.json", "sealed-other.json"} {
		raw, err := os.ReadFile(filepath.Join(fixedFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		s, err := open(t, raw)
		if err != nil {
			t.Fatal(err)
		}
		ca, err := os.ReadFile(filepath.Join(fixedFolder, "seal-ca.pem"))
		if err != nil {
			t.Fatal(err)
		}
		anchors, err := jades.ReadAnchors(ca, "seal-ca.pem")
		if err != nil {
			t.Fatal(err)
		}
		list, err := os.ReadFile(filepath.Join(fixedFolder, "seal.crl"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Judge(t.Context(), anchors, now, lists{listAt: list}); err != nil || s.Verify() != nil {
			t.Errorf("%s: %v", name, err)
		}
		revoked, err := os.ReadFile(filepath.Join(fixedFolder, "seal-revoked.crl"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Judge(t.Context(), anchors, now, lists{listAt: revoked}); reason.CodeOf(err) != jades.Revoked {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func makeAll(t *testing.T) {
	t.Helper()
	ca, key := newAuthority(t), newKey(t)
	// Those who read this in twenty years are not to be kept from it.
	cert := ca.sealer(t, key.Public(), func(c *x509.Certificate) { c.NotAfter = now.AddDate(20, 0, 0) })
	write := func(name string, raw []byte) {
		if err := os.WriteFile(filepath.Join(fixedFolder, name), raw, 0o644); err != nil { //nolint:gosec // public
			t.Fatal(err)
		}
	}
	seal := func(name, payload string) {
		raw, err := json.MarshalIndent(sealed(t, payload, key, []*x509.Certificate{cert, ca.cert}, nil), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		write(name, raw)
	}
	seal("sealed.json", fixedDocument)
	seal("sealed-other.json", strings.NewReplacer(`"Kurs AS"`, `"Universitetet i Bergen"`, `,"eIDASIdentifier":{"id":"urn:epass:legal:1","type":"LegalIdentifier","notation":"NTRNO-123456785"}`, "").Replace(fixedDocument))
	write("seal-ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}))
	write("seal-list.xml", []byte(list("granted", "2016-07-01T00:00:00Z", ca.cert)))
	write("seal-other-ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: newAuthority(t).cert.Raw}))
	write("seal.crl", ca.crl(t))
	write("seal-revoked.crl", ca.crl(t, x509.RevocationListEntry{SerialNumber: big.NewInt(7), RevocationTime: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}))
	with := func(name string, change func(map[string]any)) {
		raw, err := json.Marshal(sealed(t, fixedDocument, key, []*x509.Certificate{cert}, change))
		if err != nil {
			t.Fatal(err)
		}
		write(name, raw)
	}
	with("sealed-alg.json", func(h map[string]any) { h["alg"] = "HS256" })
	with("sealed-form.json", func(h map[string]any) { h["sigD"] = map[string]any{} })
	with("sealed-broken.json", func(h map[string]any) { delete(h, "x5c") })
	wrong := ca.sealer(t, key.Public(), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })
	raw, err := json.Marshal(sealed(t, fixedDocument, key, []*x509.Certificate{wrong}, nil))
	if err != nil {
		t.Fatal(err)
	}
	write("sealed-use.json", raw)
	ended := ca.sealer(t, key.Public(), func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) })
	if raw, err = json.Marshal(sealed(t, fixedDocument, key, []*x509.Certificate{ended}, nil)); err != nil {
		t.Fatal(err)
	}
	write("sealed-ended.json", raw)
}
