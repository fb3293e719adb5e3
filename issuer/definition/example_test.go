package definition_test

import (
	"fmt"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/issuer/definition"
)

// A provider writes a course, is told what is poor in it, and changes it after
// it was given out.
func Example() {
	course := openbadge.Achievement{
		ID: "https://kurs.example/sveising", Name: "Sveising", Description: "Lysbuesveising.", InLanguage: "nb", Version: definition.FirstVersion,
		Criteria: &openbadge.Criteria{Narrative: "Bestått prøve."}, CreditsAvailable: 5,
	}
	for _, f := range definition.Check(course) {
		fmt.Printf("%s %s: %s\n", f.Severity, f.At, f.Message)
	}

	better := course
	unit, _ := openbadge.FindConcept(openbadge.Units(), "studiepoeng")
	better.Alignment = []openbadge.Alignment{unit.Alignment(openbadge.ExtCredits)}
	r, err := definition.Revise(course, better, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("version", r.Achievement.Version, len(definition.Check(r.Achievement)))
	// Output:
	// warning /creditsAvailable: has no unit: the standard names none, so 10 may be anything
	// version 2 0
}
