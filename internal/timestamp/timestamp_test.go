package timestamp_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/timestamp"
	tst "github.com/kompetansebevis/bevis/internal/timestamp/timestamptest"
	"github.com/kompetansebevis/bevis/reason"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func roots(t testing.TB, name string) *x509.CertPool {
	t.Helper()
	pool, err := timestamp.Roots(file(t, name), name)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// TestOpenSSL checks the tokens of another implementation.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	message, ca := file(t, "message.txt"), roots(t, "ca.pem")
	for name, want := range map[string]reason.Code{
		"rsa-sha256.tsr": "", "rsa-sha512.tsr": "", "ec-sha256.tsr": "", "ec-sha512.tsr": "", "rsa-ess1.tsr": "", "rsa-bare.tst": "",
		"rsa-nocert.tsr": timestamp.Authority, "refused.tsr": timestamp.Malformed, "message.txt": timestamp.Malformed,
	} {
		stamp, err := timestamp.Verify(file(t, name), message, ca)
		if err == nil && want == "" {
			if stamp.Time.Year() != 2026 || stamp.Time.Location() != time.UTC || stamp.Authority == "" || stamp.Policy != "1.2.3.4.1" {
				t.Errorf("%s: %+v", name, stamp)
			}
			continue
		}
		if err == nil || reason.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	for _, name := range []string{"pss-sha256.tst", "pss-longsalt.tst"} {
		stamp, err := timestamp.Verify(file(t, name), message, roots(t, "pss-ca.pem"))
		if err != nil || !stamp.Time.Equal(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)) || stamp.Authority != "CN=PSS time-stamps" {
			t.Errorf("%s: %+v, %v", name, stamp, err)
		}
		if _, err := timestamp.Verify(file(t, name), message, ca); reason.CodeOf(err) != timestamp.Authority {
			t.Errorf("%s, another root: %v", name, err)
		}
	}
	token := file(t, "rsa-sha256.tsr")
	if _, err := timestamp.Verify(token, append(bytes.Clone(message), ' '), ca); reason.CodeOf(err) != timestamp.Mismatch {
		t.Errorf("another message: %v", err)
	}
	if _, err := timestamp.Verify(token, message, roots(t, "other.pem")); reason.CodeOf(err) != timestamp.Authority {
		t.Errorf("another root: %v", err)
	}
	// None given is none believed, and not whatever the system believes.
	if _, err := timestamp.Verify(token, message, nil); reason.CodeOf(err) != timestamp.Authority || !strings.Contains(err.Error(), "no authority is believed") {
		t.Error(err)
	}
	if _, err := timestamp.Verify(token, message, x509.NewCertPool()); reason.CodeOf(err) != timestamp.Authority {
		t.Errorf("no root: %v", err)
	}
}

// TestNoBitIsFree: with any bit of the token turned over, it holds no more, or
// it says the very same.
func TestNoBitIsFree(t *testing.T) {
	t.Parallel()
	message, ca := file(t, "message.txt"), roots(t, "ca.pem")
	for _, name := range []string{"ec-sha256.tsr", "rsa-sha256.tsr"} {
		token := file(t, name)
		first, err := timestamp.Verify(token, message, ca)
		if err != nil {
			t.Fatal(err)
		}
		for i := range token {
			changed := bytes.Clone(token)
			changed[i] ^= 1 << (i % 8)
			if got, err := timestamp.Verify(changed, message, ca); err == nil && *got != *first {
				t.Errorf("%s, byte %d: %+v", name, i, got)
			}
		}
	}
}

func TestRoots(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := timestamp.Roots([]byte(raw), "x.pem"); reason.CodeOf(err) != timestamp.Authority {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// FuzzVerify: whatever stands in a token, nothing but a true one holds.
func FuzzVerify(f *testing.F) {
	for _, name := range []string{"ec-sha256.tsr", "rsa-bare.tst", "refused.tsr", "rsa-ess1.tsr", "pss-sha256.tst"} {
		f.Add(file(f, name))
	}
	token := authority(f, func(*x509.Certificate) {}).Token(f, stampedMessage, noon()).DER(f)
	f.Add(token) // names its certificate by a key identifier
	f.Add(tst.Answer(f, 0, token))
	other := roots(f, "other.pem")
	f.Fuzz(func(t *testing.T, raw []byte) {
		if stamp, err := timestamp.Verify(raw, []byte(stampedMessage), other); err == nil || stamp != nil {
			t.Error("a root that signed nothing is believed")
		}
	})
}
