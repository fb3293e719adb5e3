// Package value reads the values of course offers as people and programs
// write them: "kr 4 900,-", "P40H", "17.08.2026", "Norsk", "nett med
// samlinger". Pure functions over small tables. Each tells whether it could
// read the value, and some whether it stands as the standards want it, so that
// who calls can warn.
package value
