package issuer

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	core "github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// manyAtOnce is how many awards of one request get their places and are recorded
// together: few enough that all cores have some.
const manyAtOnce = 25

// issuedJSON is what came of one of many awards.
type issuedJSON struct {
	IdempotencyKey string     `json:"idempotencyKey"`
	Status         int        `json:"status"` // what it would have been by itself
	ID             string     `json:"id,omitempty"`
	Replayed       bool       `json:"replayed,omitempty"`
	MediaType      string     `json:"mediaType,omitempty"`
	Credential     string     `json:"credential,omitempty"` // as it was signed; in base64 if it is COSE
	Others         []formJSON `json:"others,omitempty"`     // the same in the other forms that were asked for
	Problem        *problem   `json:"problem,omitempty"`
}

// issueMany issues awards, each for itself: that one fails stops no other.
func (s *Server) issueMany(c *call) error {
	if c.Header.Get("Idempotency-Key") != "" {
		return reason.New("usage/idempotency-key", "", "here each award has its own, in idempotencyKey")
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	top := &object{value: body}
	items := top.member("awards", strictjson.KindArray).Items()
	if err := top.done(); err != nil {
		return err
	}
	if len(items) == 0 || len(items) > MaxAwards {
		return reason.New("malformed/request", "/awards", "1 to %d awards", MaxAwards)
	}
	if err := s.take(c, len(items)-1); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, struct {
		Results []issuedJSON `json:"results"`
	}{s.many(c, items)})
}

// many issues what is in order of awards, and says what came of each.
func (s *Server) many(c *call, items []*strictjson.Value) []issuedJSON {
	out := make([]issuedJSON, len(items))
	failed := make([]error, len(items))
	var awards []core.Award
	var places []int // of awards, in out
	for n, item := range items {
		var a core.Award
		if failed[n] = s.safely(c, func() (err error) {
			a, err = s.oneOfMany(c, n, item, &out[n].IdempotencyKey)
			return err
		}); failed[n] == nil {
			awards, places = append(awards, a), append(places, n)
		}
	}
	done := 0
	issue := func() error {
		return s.safely(c, func() (gone error) {
			for issued, err := range s.cfg.Desk.IssueAll(c.ctx, slices.Values(awards), core.Many{Group: manyAtOnce}) {
				if done == len(places) {
					return gone // an error after all that were asked for is of none
				}
				if err == nil {
					s.issuedOne(&out[places[done]], issued)
				} else if failed[places[done]] = err; ledgerAway(err) {
					gone = err
				}
				done++
			}
			return gone
		})
	}
	var err error
	if len(awards) > 0 {
		err = s.ask(issue)
	}
	// What nothing was heard of has the error that ended it all.
	for ; done < len(places); done++ {
		if n := places[done]; err != nil {
			failed[n] = err
		} else if failed[n] = failed[places[max(done-1, 0)]]; failed[n] == nil {
			failed[n] = reason.New(reason.Internal, "", "nothing was heard of the award")
		}
	}
	for n, err := range failed {
		if err == nil {
			continue
		}
		err = outOfTime(err)
		if ledgerFailed(err) {
			s.metrics.ledgerFailed(reason.CodeOf(err))
		}
		p := s.problem(c, err)
		out[n].Status, out[n].Problem = p.Status, &p
	}
	return out
}

// safely calls f, and makes an error of a fault in it: it is that of one award
// and not of the others.
func (s *Server) safely(c *call, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log.Error("panic", "request", c.id)
			err = reason.New(reason.Internal, "", "a fault in bevis")
		}
	}()
	return f()
}

// oneOfMany reads an award and its key.
func (s *Server) oneOfMany(c *call, n int, item *strictjson.Value, key *string) (core.Award, error) {
	at := strictjson.Pointer("/awards", strconv.Itoa(n))
	if item.Kind() != strictjson.KindObject {
		return core.Award{}, reason.New("malformed/request", at, "is %s", item.Kind())
	}
	o := &object{at: at, value: item}
	*key = o.required("idempotencyKey")
	a := s.award(c, o)
	if err := o.done(); err != nil {
		return core.Award{}, err
	}
	if err := checkKey(*key); err != nil {
		return core.Award{}, err
	}
	a.award.IdempotencyKey = *key
	return s.cfg.Desk.Award(c.ctx, a.achievement, a.award)
}

func (s *Server) issuedOne(out *issuedJSON, issued *core.Issued) {
	s.metrics.wasIssued(issued.Again)
	out.Status, out.ID, out.Replayed, out.MediaType = http.StatusCreated, issued.ID, issued.Again, mediaType(issued.Credential)
	out.Credential = textOf(issued.Credential)
	for _, f := range issued.Others {
		out.Others = append(out.Others, formOf(f))
	}
}
