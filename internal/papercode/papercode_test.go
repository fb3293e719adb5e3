package papercode

import (
	"bytes"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestExamples are those of RFC 9285 section 4.3 and 4.4.
func TestExamples(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"AB": "BB8", "Hello!!": "%69 VD92EX0", "base-45": "UJCLQE7W581", "ietf!": "QED8WEX0"} {
		if got := Text([]byte(text)); got != Mark+want {
			t.Errorf("%q: %s", text, got)
		}
		if got, err := Read(Mark + want); err != nil || string(got) != text {
			t.Errorf("%s: %q %v", want, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "BEVIS1:", "BB8", "BEVIS2:BB8", Mark + "GGW", Mark + ":::", Mark + "::", Mark + "A", Mark + "bb8", Mark + "BB8 ", Mark + "æøå"} {
		if got, err := Read(text); reason.CodeOf(err) != "malformed/printed" {
			t.Errorf("%q: %x %v", text, got, err)
		}
	}
	if _, err := Read(Text(make([]byte, MaxText))); reason.CodeOf(err) != "resource_limit/printed" {
		t.Error(err)
	}
}

// FuzzRead: what is read is written back as it was.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{Mark + "BB8", Mark + "%69 VD92EX0", Mark + "FGW", Mark + "::", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		message, err := Read(text)
		if err == nil && Text(message) != text {
			t.Errorf("%q", text)
		}
		if again, err := Read(Text([]byte(text))); len(text) > 0 && len(text) < 2000 && (err != nil || !bytes.Equal(again, []byte(text))) {
			t.Error(err)
		}
	})
}
