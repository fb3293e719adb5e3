package app

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Shown reads what a holder wants to show of a credential that can be shown in
// part: JSON pointers, words for the usual ones, or "all".
func Shown(words []string) (pointers []string, all bool, err error) {
	for _, word := range words {
		switch {
		case word == "all":
			all = true
		case shownWords()[word] != "":
			pointers = append(pointers, shownWords()[word])
		case strings.HasPrefix(word, "/"):
			pointers = append(pointers, word)
		default:
			return nil, false, reason.New(reason.Usage, "--show", "%.40q is neither all, %s, nor a JSON pointer such as /credentialSubject/result/0", word, strings.Join(slices.Sorted(maps.Keys(shownWords())), ", "))
		}
	}
	return pointers, all, nil
}

// shownWords are the words for what issuers here let a holder keep back.
func shownWords() map[string]string {
	return map[string]string{
		"identity": "/credentialSubject/identifier", "narrative": "/credentialSubject/narrative", "results": "/credentialSubject/result",
		"credits": "/credentialSubject/creditsEarned", "evidence": "/evidence",
	}
}

// ShowWord returns the word by which Shown shows what a pointer leads to, else
// the pointer.
func ShowWord(pointer string) string {
	for word, of := range shownWords() {
		if pointer == of || strings.HasPrefix(pointer, of+"/") {
			return word
		}
	}
	return pointer
}

// atMost returns the most that a holder could show of a credential with a base
// proof, which is for the holder alone and is not verified itself. Anything
// else is returned as it is.
func (a *App) atMost(ctx context.Context, raw []byte) []byte {
	if in, err := proof.Read(raw, strictjson.Limits{}); err != nil || in.Document == nil { // a token is verified as it is
		return raw
	}
	for _, s := range a.suites {
		d, ok := s.(proof.Discloser)
		if !ok {
			continue
		}
		choices, err := d.Choices(ctx, raw)
		if err != nil {
			continue
		}
		var all proof.Disclosure
		for _, c := range choices {
			all.Pointers = append(all.Pointers, c.Pointer)
		}
		if shown, err := d.Disclose(ctx, raw, all); err == nil {
			return shown
		}
	}
	return raw
}
