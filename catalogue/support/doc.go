// Package support tells which support schemes a person may use for an offer,
// without anybody learning who asked.
//
// A [Scheme] is data: what it gives, where its rules stand, from when to when
// they hold, and an expression over typed facts about the person, the employer
// and the offer. [Scheme.Evaluate] works it out on the person's own machine.
// A fact that is not known stays unknown through the whole expression: the
// answer is then [Maybe], with the questions that would settle it, and never a
// guess in either direction.
package support
