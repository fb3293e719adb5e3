package openbadge

// Result is how one learner did. Value, AchievedLevel and Status are given
// according to the ResultType of the ResultDescription.
type Result struct {
	Type              []string
	AchievedLevel     string // id of a RubricCriterionLevel
	Alignment         []Alignment
	ResultDescription string // id of a ResultDescription of the achievement
	Status            string // see ValidResultStatus
	Value             string
	More              []Member
}

func (r *Result) extra() *[]Member { return &r.More }
func (r *Result) fields() []field {
	return []field{
		types(&r.Type, "Result"), text("achievedLevel", &r.AchievedLevel), objects("alignment", &r.Alignment),
		text("resultDescription", &r.ResultDescription), text("status", &r.Status), text("value", &r.Value),
	}
}

// ResultDescription says which results are possible. ID, Name and ResultType
// are required.
type ResultDescription struct {
	ID                   string
	Type                 []string
	Alignment            []Alignment
	AllowedValue         []string // in order, from low to high
	Name                 string
	RequiredLevel        string // id of a RubricCriterionLevel
	RequiredValue        string
	ResultType           string // see ValidResultType
	RubricCriterionLevel []RubricCriterionLevel
	ValueMax             string
	ValueMin             string
	More                 []Member
}

func (r *ResultDescription) extra() *[]Member { return &r.More }
func (r *ResultDescription) fields() []field {
	return []field{
		text("id", &r.ID), types(&r.Type, "ResultDescription"), objects("alignment", &r.Alignment),
		texts("allowedValue", &r.AllowedValue), text("name", &r.Name), text("requiredLevel", &r.RequiredLevel),
		text("requiredValue", &r.RequiredValue), text("resultType", &r.ResultType),
		objects("rubricCriterionLevel", &r.RubricCriterionLevel), text("valueMax", &r.ValueMax), text("valueMin", &r.ValueMin),
	}
}

// RubricCriterionLevel is a level of a rubric. ID and Name are required.
type RubricCriterionLevel struct {
	ID          string
	Type        []string
	Alignment   []Alignment
	Description string
	Level       string
	Name        string
	Points      string
	More        []Member
}

func (r *RubricCriterionLevel) extra() *[]Member { return &r.More }
func (r *RubricCriterionLevel) fields() []field {
	return []field{
		text("id", &r.ID), types(&r.Type, "RubricCriterionLevel"), objects("alignment", &r.Alignment),
		text("description", &r.Description), text("level", &r.Level), text("name", &r.Name), text("points", &r.Points),
	}
}
