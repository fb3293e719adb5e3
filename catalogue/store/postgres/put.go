package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/search"
	"github.com/kompetansebevis/bevis/catalogue/text"
	"github.com/kompetansebevis/bevis/reason"
)

// maxField is how many bytes of a field are searched: a tsvector has a limit.
const maxField = 100_000

// perBatch is how many statements are sent at once.
const perBatch = 500

// Put implements catalogue.Store.
func (s *Store) Put(ctx context.Context, providers []catalogue.Provider, offers []catalogue.Offer) (catalogue.Changes, error) {
	if err := catalogue.CheckAll(providers, offers); err != nil {
		return catalogue.Changes{}, err
	}
	var changes catalogue.Changes
	err := s.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		known, err := putProviders(ctx, tx, providers, false)
		if err != nil {
			return err
		}
		changes, err = s.putOffers(ctx, tx, offers, known)
		return err
	})
	if err != nil {
		return catalogue.Changes{}, err
	}
	return changes, nil
}

// Replace implements catalogue.Store.
func (s *Store) Replace(ctx context.Context, p catalogue.Provider, offers []catalogue.Offer) (catalogue.Changes, error) {
	if err := catalogue.CheckOwn(p, offers); err != nil {
		return catalogue.Changes{}, err
	}
	var changes catalogue.Changes
	err := s.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		kept, err := bodies(ctx, tx, "SELECT id, body FROM catalogue_provider WHERE id = $1", clean(p.ID))
		if err != nil {
			return err
		}
		var before catalogue.Provider
		if body, ok := kept[clean(p.ID)]; ok {
			if err := json.Unmarshal([]byte(body), &before); err != nil {
				return reason.Wrap(reason.MalformedJSON, p.ID, err)
			}
		}
		if err := p.Replaces(before); err != nil {
			return err
		}
		known, err := putProviders(ctx, tx, []catalogue.Provider{p}, true)
		if err != nil {
			return err
		}
		if changes, err = s.putOffers(ctx, tx, offers, known); err != nil {
			return err
		}
		refs := make([]string, len(offers))
		for n, o := range offers {
			refs[n] = clean(o.Ref())
		}
		gone, err := tx.Exec(ctx, "DELETE FROM catalogue_offer WHERE provider = $1 AND ref <> ALL($2)", clean(p.ID), refs)
		changes.Removed = int(gone.RowsAffected())
		return err
	})
	if err != nil {
		return catalogue.Changes{}, err
	}
	return changes, nil
}

// bodies reads what there is: the bodies by key.
func bodies(ctx context.Context, tx pgx.Tx, query string, keys ...any) (map[string]string, error) {
	rows, err := tx.Query(ctx, query, keys...)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var key, body string
	_, err = pgx.ForEachRow(rows, []any{&key, &body}, func() error { out[key] = body; return nil })
	return out, err
}

// putProviders returns all providers that there are then. What is kept of a
// publication stays unless the providers come signed.
func putProviders(ctx context.Context, tx pgx.Tx, providers []catalogue.Provider, signed bool) (map[string]catalogue.Provider, error) {
	old, err := bodies(ctx, tx, "SELECT id, body FROM catalogue_provider")
	if err != nil {
		return nil, err
	}
	known := map[string]catalogue.Provider{}
	for id, body := range old {
		var p catalogue.Provider
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return nil, reason.Wrap(reason.MalformedJSON, id, err)
		}
		known[id] = p
	}
	var batch pgx.Batch
	for _, p := range providers {
		id := clean(p.ID)
		if !signed {
			p.Signed = known[id].Signed
		}
		body, err := encode(p)
		if err != nil {
			return nil, err
		}
		known[id] = p
		if old[id] == body {
			continue
		}
		old[id] = body
		batch.Queue("INSERT INTO catalogue_provider (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = $2", id, body)
		maker, keys := searched(texts(p.Name)...)
		batch.Queue("UPDATE catalogue_offer SET maker = $2, maker_keys = $3 WHERE provider = $1", id, maker, keys)
		queueWords(&batch, maker)
	}
	return known, tx.SendBatch(ctx, &batch).Close()
}

func (s *Store) putOffers(ctx context.Context, tx pgx.Tx, offers []catalogue.Offer, providers map[string]catalogue.Provider) (changes catalogue.Changes, err error) {
	refs := make([]string, len(offers))
	for n, o := range offers {
		refs[n] = clean(o.Ref())
		if _, ok := providers[clean(o.Provider)]; !ok {
			return changes, reason.New(reason.OfferInvalid+"/provider", "/offers/"+strconv.Itoa(n)+"/provider", "nobody told who %s is", o.Provider)
		}
	}
	old, err := bodies(ctx, tx, "SELECT ref, body FROM catalogue_offer WHERE ref = ANY($1)", refs)
	if err != nil {
		return changes, err
	}
	var batch pgx.Batch
	words := map[string]bool{}
	for n, o := range offers {
		body, err := encode(o)
		if err != nil {
			return changes, err
		}
		switch before, had := old[refs[n]]; {
		case had && before == body:
			changes.Same++
			continue
		case had:
			changes.Changed++
		default:
			changes.Added++
		}
		old[refs[n]] = body
		s.queue(&batch, refs[n], body, o, providers[clean(o.Provider)], words)
		if batch.Len() > perBatch {
			if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
				return changes, err
			}
			batch = pgx.Batch{}
		}
	}
	queueWords(&batch, slices.Sorted(maps.Keys(words))...)
	return changes, tx.SendBatch(ctx, &batch).Close()
}

// queue puts one offer.
func (s *Store) queue(batch *pgx.Batch, ref, body string, o catalogue.Offer, p catalogue.Provider, words map[string]bool) {
	var skills, about, facets []string
	about = append(append(about, o.Subjects...), search.FactsOf(o)...)
	for _, outcome := range o.Outcomes {
		about = append(about, texts(outcome.Text)...)
		if outcome.Skill != "" {
			skills = append(skills, clean(outcome.Skill))
			if s.config.Labels != nil {
				about = append(about, s.config.Labels(outcome.Skill)...)
			}
		}
	}
	for _, f := range search.FacetsOf(o) {
		facets = append(facets, f.Name+"\t"+clean(f.Value))
	}
	places := []string{o.Place}
	runs := search.RunsOf(o)
	for _, r := range o.Runs {
		places = append(places, r.Place)
	}
	var price, credits *float64
	currency := ""
	if o.Price != nil {
		price, currency = &o.Price.Amount, clean(o.Price.Currency)
	}
	if o.Credits != nil {
		credits = &o.Credits.Value
	}
	languages := search.LanguageKeys(o.Languages)
	for i := range languages {
		languages[i] = clean(languages[i])
	}
	args := []any{ref, clean(o.ID), clean(o.Provider), body, string(o.Type), array(languages), price, currency, credits, o.Level.EQF, array(skills), array(facets)}
	for _, field := range [][]string{texts(o.Title), about, texts(o.Description), texts(p.Name), places} {
		plain, keys := searched(field...)
		args = append(args, plain, keys)
		for w := range text.Tokens(plain) {
			words[w] = true
		}
	}
	batch.Queue(`INSERT INTO catalogue_offer (ref, id, provider, body, type, languages, price, currency, credits, eqf, skills, facets,
		title, title_keys, about, about_keys, description, description_keys, maker, maker_keys, place, place_keys)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		ON CONFLICT (ref) DO UPDATE SET body = $4, type = $5, languages = $6, price = $7, currency = $8, credits = $9, eqf = $10, skills = $11, facets = $12,
		title = $13, title_keys = $14, about = $15, about_keys = $16, description = $17, description_keys = $18, maker = $19, maker_keys = $20, place = $21, place_keys = $22`, args...)
	batch.Queue("DELETE FROM catalogue_run WHERE ref = $1", ref)
	for _, r := range runs {
		batch.Queue("INSERT INTO catalogue_run (ref, place, mode, start) VALUES ($1, $2, $3, $4)", ref, clean(r.Place), string(r.Mode), string(r.Start))
	}
}

// Rate implements catalogue.Store. A standing may come before its offer.
func (s *Store) Rate(ctx context.Context, standings map[string]catalogue.Standing) error {
	return s.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var batch pgx.Batch
		batch.Queue("DELETE FROM catalogue_standing")
		for _, ref := range slices.Sorted(maps.Keys(standings)) {
			st := standings[ref]
			batch.Queue("INSERT INTO catalogue_standing (ref, reviews, lower, mean, factor) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (ref) DO NOTHING",
				clean(ref), st.Reviews, st.Lower, st.Mean, float64(search.Factor(st)))
		}
		return tx.SendBatch(ctx, &batch).Close()
	})
}

// queueWords keeps the words of texts.
func queueWords(batch *pgx.Batch, texts ...string) {
	var words, stems, shown []string
	seen := map[string]bool{}
	for _, s := range texts {
		for w := range text.Tokens(s) {
			folded := text.Fold(w)
			if folded != "" && !seen[folded] {
				seen[folded] = true
				words, stems, shown = append(words, folded), append(stems, text.Stem(folded)), append(shown, strings.ToLower(w))
			}
		}
	}
	if len(words) > 0 {
		batch.Queue("INSERT INTO catalogue_word (word, stem, shown) SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING", words, stems, shown)
	}
}

// searched returns texts as one, and their keys.
func searched(texts ...string) (plain, keys string) {
	plain = clean(strings.Join(texts, "\n"))
	plain = strings.ToValidUTF8(plain[:min(len(plain), maxField)], "")
	var b strings.Builder
	for _, w := range text.Words(plain) {
		b.WriteString(w)
		b.WriteByte(' ')
		if stem := text.Stem(w); stem != w {
			b.WriteString(stem)
			b.WriteByte(' ')
		}
	}
	return plain, b.String()
}

// texts returns a text in all its languages, in the order of these.
func texts(t catalogue.Texts) (out []string) {
	for _, language := range slices.Sorted(maps.Keys(t)) {
		out = append(out, t[language])
	}
	return out
}

// clean makes of s what the database can hold: UTF-8 without NUL.
func clean(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "") }

func array(s []string) []string {
	if s == nil {
		return []string{} // nil would be NULL
	}
	return s
}

func encode(x any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(x); err != nil {
		return "", reason.Wrap(reason.OfferInvalid+"/encoding", "", err)
	}
	return b.String(), nil
}
