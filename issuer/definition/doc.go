// Package definition helps to write what credentials are given for, the
// achievements of Open Badges 3.0, and to keep what was written in order:
// what is missing or wrong in one ([Check]), which results it allows
// ([Result], [CheckResults]), its versions ([Revise]), its editions in other
// languages ([Translate]) and what others say of it ([Endorse]).
//
//	for _, f := range definition.Check(course) {
//		fmt.Println(f.Severity, f.At, f.Message, f.Next)
//	}
//	if err := profile.Err(definition.Check(course)); err != nil { … } // nothing should be issued
//
// An achievement goes into each credential that is given for it, so a
// definition needs no place of its own: these are functions of values, and
// where definitions are kept is for others to say.
package definition
