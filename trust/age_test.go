package trust_test

import (
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

func TestAge(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"31d": 31 * 24 * time.Hour, "1d": 24 * time.Hour, "36500d": 36500 * 24 * time.Hour, "12h": 12 * time.Hour, "25h": 25 * time.Hour, "90m": 90 * time.Minute, "52560000m": 36500 * 24 * time.Hour,
	} {
		got, err := trust.ParseAge(text)
		if err != nil || got != want {
			t.Errorf("%s: %s %v", text, got, err)
		}
		if again, err := trust.ParseAge(trust.FormatAge(got)); err != nil || again != got {
			t.Errorf("%s is written %s", text, trust.FormatAge(got))
		}
	}
	for _, text := range []string{"", "d", "31", "0d", "-1d", "+1d", "01d", "1.5h", "1h30m", "1 d", "1D", "30s", "36501d", "52560001m", "4294967296m", "soon"} {
		if got, err := trust.ParseAge(text); got != 0 || reason.CodeOf(err) != reason.Usage {
			t.Errorf("%q: %s %v", text, got, err)
		}
	}
	for d, want := range map[time.Duration]string{24 * time.Hour: "1d", 36 * time.Hour: "36h", 90 * time.Minute: "90m", 90*time.Minute + time.Second: "90m"} {
		if got := trust.FormatAge(d); got != want {
			t.Errorf("%s is written %s, not %s", d, got, want)
		}
	}
}
