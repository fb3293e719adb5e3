package main

import "github.com/kompetansebevis/bevis/reason"

// notByCommand are codes that the command cannot bring about, with why.
var notByCommand = map[reason.Code]string{}

// notShownYet are codes that no script shows yet. The list only gets shorter.
var notShownYet = []reason.Code{}

// maxNotShown is how many there were.
const maxNotShown = 0
