package trust

import (
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

const maxAgeDays = 36500

// ParseAge reads a length of time as policies write it: a whole number of days
// or hours, such as 31d or 12h. Others are usage errors.
func ParseAge(s string) (time.Duration, error) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour} {
		number, ok := strings.CutSuffix(s, unit)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 32)
		if err == nil && n > 0 && strconv.FormatUint(n, 10) == number && time.Duration(n) <= maxAgeDays*24*time.Hour/length {
			return time.Duration(n) * length, nil
		}
	}
	return 0, reason.New(reason.Usage, s, "%.20q is no length of time: give whole days or hours, such as 31d or 12h", s)
}

// FormatAge writes a length of time as ParseAge reads it, rounded down to
// hours.
func FormatAge(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + "d"
	}
	return strconv.FormatInt(int64(d/time.Hour), 10) + "h"
}
