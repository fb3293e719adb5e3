package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/search"
	"github.com/kompetansebevis/bevis/reason"
)

// statement is a SELECT in the making.
type statement struct {
	met   string // the offers by how many words they have
	join  string // … with the offers
	where []string
	args  []any
}

// arg returns the place of an argument.
func (s *statement) arg(x any) string {
	s.args = append(s.args, x)
	return "$" + strconv.Itoa(len(s.args))
}

func (s *statement) and(condition string) { s.where = append(s.where, condition) }

// Search implements catalogue.Store: one statement, so that the total, the
// facets and the page are of one moment.
func (s *Store) Search(ctx context.Context, q catalogue.Query) (catalogue.Results, error) {
	q, err := search.Normal(q)
	if err != nil {
		return catalogue.Results{}, err
	}
	words, read, err := s.read(ctx, q.Text)
	if err != nil {
		return catalogue.Results{}, wrap(err)
	}
	var st statement
	score := st.scored(q, words)
	st.conditions(q)
	where := "true"
	if len(st.where) > 0 {
		where = strings.Join(st.where, " AND ")
	}
	query := `WITH ` + st.met + `found AS MATERIALIZED (
		SELECT o.ref, o.facets, ` + score + ` * coalesce(s.factor, 1) AS score
		FROM catalogue_offer o ` + st.join + `LEFT JOIN catalogue_standing s ON s.ref = o.ref WHERE ` + where + `),
	page AS (SELECT ref, score FROM found ORDER BY score DESC, ref LIMIT ` + st.arg(q.Limit) + ` OFFSET ` + st.arg(q.Offset) + `)
	SELECT (SELECT count(*) FROM found),
		(SELECT coalesce(json_object_agg(facet, n), '{}') FROM (SELECT facet, count(*) AS n FROM found, unnest(facets) AS facet GROUP BY facet) x),
		(SELECT coalesce(json_agg(json_build_object('offer', o.body, 'provider', p.body, 'score', page.score,
			'reviews', coalesce(s.reviews, 0), 'lower', coalesce(s.lower, 0), 'mean', coalesce(s.mean, 0)) ORDER BY page.score DESC, page.ref), '[]')
		FROM page JOIN catalogue_offer o ON o.ref = page.ref JOIN catalogue_provider p ON p.id = o.provider LEFT JOIN catalogue_standing s ON s.ref = o.ref)`
	results := catalogue.Results{Hits: []catalogue.Hit{}, Facets: map[string]map[string]int{}, Read: read}
	var facets, page []byte
	if err := s.pool.QueryRow(ctx, query, st.args...).Scan(&results.Total, &facets, &page); err != nil {
		return catalogue.Results{}, wrap(err)
	}
	return results, fill(&results, facets, page)
}

func fill(results *catalogue.Results, facets, page []byte) error {
	var counts map[string]int
	if err := json.Unmarshal(facets, &counts); err != nil {
		return reason.Wrap(reason.MalformedJSON, "", err)
	}
	for facet, n := range counts {
		name, value, _ := strings.Cut(facet, "\t")
		if results.Facets[name] == nil {
			results.Facets[name] = map[string]int{}
		}
		results.Facets[name][value] = n
	}
	var rows []struct {
		Offer, Provider string
		Score           float64
		catalogue.Standing
	}
	if err := json.Unmarshal(page, &rows); err != nil {
		return reason.Wrap(reason.MalformedJSON, "", err)
	}
	for _, row := range rows {
		hit := catalogue.Hit{Score: row.Score, Listing: catalogue.Listing{Standing: row.Standing}}
		if err := decode(&hit.Listing, []byte(row.Offer), []byte(row.Provider)); err != nil {
			return err
		}
		results.Hits = append(results.Hits, hit)
	}
	return nil
}

// skillFirst is what an offer that leads to a skill that was asked for has
// above all that was only found by words, whose rank is at most 1.
const skillFirst = 2

// scored adds the conditions of text and skills, and returns the score.
func (st *statement) scored(q catalogue.Query, words []word) string {
	if q.Text == "" && len(q.Skills) == 0 {
		return "1"
	}
	text, found := st.ranked(words)
	if len(q.Skills) == 0 {
		st.join = strings.TrimPrefix(st.join, "LEFT ")
		st.and(found)
		return text
	}
	skills := slices.Compact(slices.Sorted(slices.Values(q.Skills)))
	for i := range skills {
		skills[i] = clean(skills[i])
	}
	list := st.arg(skills) + "::text[]"
	st.and("(o.skills && " + list + " OR " + found + ")")
	return "(" + text + " + CASE WHEN o.skills && " + list + " THEN " + strconv.Itoa(skillFirst) +
		" + (SELECT count(DISTINCT x) FROM unnest(o.skills) x WHERE x = ANY(" + list + "))::double precision / cardinality(" + list + ") ELSE 0 END)"
}

// ranked returns the rank of the words, from 0 to 1, and the condition that a
// third of them is there. Which words an offer has is asked of the indexes,
// word by word: to look into the offers themselves takes much longer.
func (st *statement) ranked(words []word) (rank, found string) {
	if len(words) == 0 {
		return "0", "false"
	}
	var each, simple []string
	for _, w := range words {
		plain, keys := st.arg(w.plain), "to_tsquery('pg_catalog.simple', "+st.arg(w.keys)+")"
		each = append(each, "SELECT ref FROM catalogue_offer WHERE norwegian @@ to_tsquery('pg_catalog.norwegian', "+plain+
			") OR english @@ to_tsquery('pg_catalog.english', "+plain+") OR simple @@ "+keys)
		simple = append(simple, keys)
	}
	st.met = "met AS MATERIALIZED (SELECT ref, count(*) AS n FROM (" + strings.Join(each, " UNION ALL ") + ") x GROUP BY ref), "
	st.join = "LEFT JOIN met ON met.ref = o.ref "
	n := strconv.Itoa(len(words))
	// What only a dictionary finds has no rank by keys.
	rank = "CASE WHEN met.n > 0 THEN (0.1 + 0.9 * ts_rank('{0.2, 0.3, 0.6, 1}', o.simple, " + strings.Join(simple, " || ") + ", 1)::double precision) * (0.4 + 0.6 * met.n / " + n + ") ELSE 0 END"
	return "(" + rank + ")::double precision", "3 * met.n >= " + n
}

// conditions adds the others.
func (st *statement) conditions(q catalogue.Query) {
	oneOf := func(column string, values []string) {
		if len(values) > 0 {
			for i := range values {
				values[i] = clean(values[i])
			}
			st.and("o." + column + " = ANY(" + st.arg(values) + ")")
		}
	}
	oneOf("type", plain(q.Types))
	oneOf("provider", slices.Clone(q.Providers))
	if len(q.Languages) > 0 {
		languages := make([]string, len(q.Languages))
		for i, l := range q.Languages {
			languages[i] = clean(l)
		}
		st.and("o.languages && " + st.arg(languages) + "::text[]")
	}
	if p := q.MaxPrice; p != nil {
		st.and("o.currency = " + st.arg(clean(p.Currency)) + " AND o.price <= " + st.arg(p.Amount))
	}
	if q.MinCredits > 0 {
		st.and("o.credits >= " + st.arg(q.MinCredits))
	}
	if q.MaxCredits > 0 {
		st.and("o.credits <= " + st.arg(q.MaxCredits))
	}
	if q.MinEQF > 0 {
		st.and("o.eqf >= " + st.arg(q.MinEQF))
	}
	if q.MaxEQF > 0 {
		st.and("o.eqf > 0 AND o.eqf <= " + st.arg(q.MaxEQF))
	}
	run := ""
	if len(q.Modes) > 0 {
		run += " AND r.mode = ANY(" + st.arg(plain(q.Modes)) + ")"
	}
	if q.Place != "" {
		run += " AND strpos(r.place, " + st.arg(clean(q.Place)) + ") > 0"
	}
	if q.StartFrom != "" {
		run += " AND r.start >= " + st.arg(string(q.StartFrom))
	}
	if q.StartTo != "" {
		run += " AND r.start <> '' AND r.start <= " + st.arg(string(q.StartTo))
	}
	if run != "" {
		st.and("EXISTS (SELECT FROM catalogue_run r WHERE r.ref = o.ref" + run + ")")
	}
}

func plain[S ~string](values []S) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = clean(string(v))
	}
	return out
}
