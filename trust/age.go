package trust

import (
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

const maxAgeDays = 36500

// ageUnit is a unit that lengths of time are written in.
type ageUnit struct {
	letter string
	length time.Duration
}

func ageUnits() []ageUnit {
	return []ageUnit{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}}
}

// ParseAge reads a length of time as policies and flags have it: a whole number
// of days, hours or minutes, such as 31d, 24h or 90m. Others are usage errors.
func ParseAge(s string) (time.Duration, error) {
	for _, unit := range ageUnits() {
		number, ok := strings.CutSuffix(s, unit.letter)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 32)
		if err == nil && n > 0 && strconv.FormatUint(n, 10) == number && time.Duration(n) <= maxAgeDays*24*time.Hour/unit.length {
			return time.Duration(n) * unit.length, nil
		}
	}
	return 0, reason.New(reason.Usage, "", "%.20q is no length of time: give whole days, hours or minutes, such as 7d, 24h or 90m", s)
}

// FormatAge writes a length of time as ParseAge reads it, in the largest unit
// that it is a whole number of, and else rounded down to minutes.
func FormatAge(d time.Duration) string {
	unit := ageUnit{"m", time.Minute}
	for _, u := range ageUnits() {
		if d%u.length == 0 {
			unit = u
			break
		}
	}
	return strconv.FormatInt(int64(d/unit.length), 10) + unit.letter
}
