package value

import (
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
)

// Spread gives each run the place and mode that it has from the offer, and
// takes them from the offer. An offer without runs stays as it is.
func Spread(o catalogue.Offer) catalogue.Offer {
	o.Runs = slices.Clone(o.Runs)
	for i := range o.Runs {
		if o.Runs[i].Mode == "" {
			o.Runs[i].Mode = o.Mode
		}
		if o.Runs[i].Place == "" {
			o.Runs[i].Place = o.Place
		}
	}
	if len(o.Runs) > 0 {
		o.Mode, o.Place = "", ""
	}
	return o
}

// Gather is the way back: what all runs have in common becomes the offer's,
// and no run repeats what the offer says.
func Gather(o catalogue.Offer) catalogue.Offer {
	if len(o.Runs) == 0 {
		return o
	}
	o.Runs = slices.Clone(o.Runs)
	mode, place := o.Runs[0].Mode, o.Runs[0].Place
	for _, r := range o.Runs {
		if r.Mode != mode {
			mode = ""
		}
		if r.Place != place {
			place = ""
		}
	}
	if o.Mode == "" {
		o.Mode = mode
	}
	if o.Place == "" {
		o.Place = place
	}
	for i := range o.Runs {
		if o.Runs[i].Mode == o.Mode {
			o.Runs[i].Mode = ""
		}
		if o.Runs[i].Place == o.Place {
			o.Runs[i].Place = ""
		}
	}
	return o
}
