package issuer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// metrics counts, and writes the counts as Prometheus reads them (text format
// 0.0.4). Labels are routes, statuses and codes: of these there are few, and none
// comes from outside.
type metrics struct {
	mu       sync.Mutex
	inFlight int
	requests map[answered]uint64
	took     map[string]*histogram // by route
	ledger   map[reason.Code]uint64
	issued   uint64
	again    uint64
}

type answered struct {
	route  string
	status int
}

type histogram struct {
	counts []uint64 // by bucket, the last one for all that took longer
	sum    float64
	n      uint64
}

// bounds returns the upper bounds of the buckets, in seconds.
func bounds() []float64 {
	return []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5}
}

func newMetrics() *metrics {
	return &metrics{requests: map[answered]uint64{}, took: map[string]*histogram{}, ledger: map[reason.Code]uint64{}}
}

func (m *metrics) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight++
}

func (m *metrics) end(route string, status int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight--
	m.requests[answered{route, status}]++
	h := m.took[route]
	if h == nil {
		h = &histogram{counts: make([]uint64, len(bounds())+1)}
		m.took[route] = h
	}
	n, _ := slices.BinarySearch(bounds(), took.Seconds())
	h.counts[n]++
	h.sum += took.Seconds()
	h.n++
}

func (m *metrics) ledgerFailed(code reason.Code) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ledger[code]++
}

func (m *metrics) wasIssued(again bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if again {
		m.again++
	} else {
		m.issued++
	}
}

// text writes all of it, in an order that stays.
func (m *metrics) text() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	head := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	head("bevis_http_requests_in_flight", "gauge", "Requests that are under way.")
	fmt.Fprintf(&b, "bevis_http_requests_in_flight %d\n", m.inFlight)
	head("bevis_credentials_issued_total", "counter", "Credentials issued.")
	fmt.Fprintf(&b, "bevis_credentials_issued_total %d\n", m.issued)
	head("bevis_credentials_replayed_total", "counter", "Credentials given again under the same idempotency key.")
	fmt.Fprintf(&b, "bevis_credentials_replayed_total %d\n", m.again)
	head("bevis_ledger_errors_total", "counter", "Requests that failed by the ledger, by reason code.")
	for _, code := range slices.Sorted(maps.Keys(m.ledger)) {
		fmt.Fprintf(&b, "bevis_ledger_errors_total{code=%q} %d\n", code, m.ledger[code])
	}
	head("bevis_http_requests_total", "counter", "Requests answered, by route and status.")
	for _, a := range slices.SortedFunc(maps.Keys(m.requests), func(a, b answered) int {
		return strings.Compare(fmt.Sprint(a.route, " ", a.status), fmt.Sprint(b.route, " ", b.status))
	}) {
		fmt.Fprintf(&b, "bevis_http_requests_total{route=%q,code=\"%d\"} %d\n", a.route, a.status, m.requests[a])
	}
	head("bevis_http_request_duration_seconds", "histogram", "Time from request to answer, by route.")
	for _, route := range slices.Sorted(maps.Keys(m.took)) {
		h, below := m.took[route], uint64(0)
		for n, bound := range bounds() {
			below += h.counts[n]
			fmt.Fprintf(&b, "bevis_http_request_duration_seconds_bucket{route=%q,le=%q} %d\n", route, strconv.FormatFloat(bound, 'g', -1, 64), below)
		}
		fmt.Fprintf(&b, "bevis_http_request_duration_seconds_bucket{route=%q,le=\"+Inf\"} %d\n", route, h.n)
		fmt.Fprintf(&b, "bevis_http_request_duration_seconds_sum{route=%q} %g\n", route, h.sum)
		fmt.Fprintf(&b, "bevis_http_request_duration_seconds_count{route=%q} %d\n", route, h.n)
	}
	return []byte(b.String())
}
