package verifier

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// relatedResources compares the digests that the credential gives for
// contexts with those of the contexts that it was verified with (Data Model
// 2.0 section 5.3). Other resources are not fetched and not checked.
func (j *judgement) relatedResources(c *credential.Credential) {
	r := j.report
	entries := c.Document().Get("relatedResource").List()
	unchecked, earlier := 0, ""
	for i, entry := range entries {
		at := strictjson.Pointer("/relatedResource", strconv.Itoa(i))
		switch compareDigests(entry, r.Contexts) {
		case digestUnknown:
			unchecked++
		case digestEarlier:
			earlier = at
		case digestDiffers:
			r.refuse(CheckResources, reason.New("unsafe_context/related-resource", at, "the digest is not that of the context that the signature was verified with"))
			return
		}
	}
	if len(entries) == 0 {
		return
	}
	if earlier != "" {
		r.warn(CheckResources, "unsafe_context/earlier-edition", earlier, NoteDigestEarlier)
	}
	if unchecked > 0 {
		r.warn(CheckResources, "unsafe_context/not-checked", "/relatedResource", NoteDigestsNotCompared, number(unchecked), number(len(entries)))
	}
	if earlier == "" && unchecked == 0 {
		r.pass(CheckResources, NoteDigestsAgree)
	}
}

// agreement is what came of comparing an entry; the later outweighs.
type agreement uint8

const (
	digestUnknown agreement = iota
	digestAgrees
	digestEarlier
	digestDiffers
)

// compareDigests holds all digests of an entry against the editions that the
// signature holds with: one that differs is enough to refuse.
func compareDigests(entry *credential.Value, contexts []proof.Context) agreement {
	url := credential.ID(entry)
	used := slices.DeleteFunc(slices.Clone(contexts), func(c proof.Context) bool { return c.URL != url })
	if len(used) == 0 {
		return digestUnknown
	}
	worst := digestUnknown
	for _, d := range digestsOf(entry) {
		one := digestDiffers
		switch {
		case slices.ContainsFunc(used, func(c proof.Context) bool { return d.of(c.Content) }):
			one = digestAgrees
		case slices.ContainsFunc(earlierEditions(), func(e edition) bool { return e.url == url && d.text() == e.digests[d.algorithm] }):
			one = digestEarlier
		}
		worst = max(worst, one)
	}
	return worst
}

// digest is a digest that an entry gives.
type digest struct {
	algorithm string // "sha256", "sha384", "sha512"
	sum       []byte
}

func (d digest) text() string { return hex.EncodeToString(d.sum) }

func (d digest) of(content []byte) bool {
	var h hash.Hash
	switch d.algorithm {
	case "sha256":
		h = sha256.New()
	case "sha384":
		h = sha512.New384()
	default:
		h = sha512.New()
	}
	h.Write(content)
	return bytes.Equal(h.Sum(nil), d.sum)
}

// digestsOf returns the digests of an entry whose algorithm is known: of
// digestSRI the tokens (Subresource Integrity section 3.5), of digestMultibase
// a multihash in base64url. Some write the bare SHA-256 there; it is no less
// sure.
func digestsOf(entry *credential.Value) []digest {
	var out []digest
	sri, _ := entry.Get("digestSRI").Text()
	for token := range strings.FieldsSeq(sri) {
		algorithm, value, _ := strings.Cut(token, "-")
		value, _, _ = strings.Cut(value, "?")
		if !slices.Contains([]string{"sha256", "sha384", "sha512"}, algorithm) {
			continue
		}
		sum, _ := base64.StdEncoding.DecodeString(value) // what is none agrees with nothing
		out = append(out, digest{algorithm, sum})
	}
	text, _ := entry.Get("digestMultibase").Text()
	if rest, ok := strings.CutPrefix(text, "u"); ok {
		sum, err := base64.RawURLEncoding.DecodeString(rest)
		if err != nil {
			return out
		}
		if len(sum) == sha256.Size {
			return append(out, digest{"sha256", sum})
		}
		for _, known := range []struct {
			head      []byte // code of the multihash, and length
			algorithm string
		}{{[]byte{0x12, 32}, "sha256"}, {[]byte{0x20, 48}, "sha384"}, {[]byte{0x13, 64}, "sha512"}} {
			if bare, ok := bytes.CutPrefix(sum, known.head); ok {
				out = append(out, digest{known.algorithm, bare})
			}
		}
	}
	return out
}

// edition is a text that stood under the URL of a context before the one that
// is known here.
type edition struct {
	url     string
	digests map[string]string // by algorithm, in hexadecimal
}

// earlierEditions are those whose digests credentials in use name. A signature
// that holds with today's text is over the same statements, so naming an
// earlier one is no sign of anything being changed.
func earlierEditions() []edition {
	return []edition{{credential.ContextV2, map[string]string{ // of 20 July 2024, w3c/vc-data-model 8d0ee10
		"sha256": "24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9",
		"sha384": "35239c36999d2155312091af194a1edb61634d6ad789a5e5b19f2aebdd762dd9d1dcaada40eda7ef921c6b8c0ae107a0",
	}}}
}
