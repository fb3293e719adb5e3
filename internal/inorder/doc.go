// Package inorder does work on several cores and hands the results on in the
// order in which the work came, so that what is long needs little memory.
package inorder
