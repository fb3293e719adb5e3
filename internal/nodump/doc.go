// Package nodump keeps the memory of this process out of files that the system
// writes when a program falls over. An open wallet is in that memory in the
// clear, its keys as well, and Go does not promise to overwrite what is no
// longer used.
//
// It does not keep out whoever is root, or stands in for the machine, nor what
// is swapped out or kept while the machine sleeps: that is for the encryption of
// the disk.
package nodump
