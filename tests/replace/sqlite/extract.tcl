# SPDX-License-Identifier: GPL-2.0-or-later
#
# extract.tcl FILE.test: prints the SQL that one of sqlite's own test scripts runs, as
# input for the shell. The script itself is run, with everything but its SQL ignored.
proc emit {sql} { puts "[string trim $sql]\n;" }
proc execsql {sql args} { emit [uplevel [list subst -nocommands $sql]] }
proc catchsql {sql args} { emit [uplevel [list subst -nocommands $sql]] }
proc do_execsql_test {args} { emit [lindex $args [expr {[lindex $args 0] eq "-db" ? 3 : 1}]] }
proc do_catchsql_test {name sql args} { emit $sql }
proc do_eqp_test {name sql args} { emit "EXPLAIN QUERY PLAN $sql" }
proc do_test {name body args} { catch { uplevel $body } }
proc ifcapable {what body args} { uplevel $body }
proc set_testvar {args} {}
proc source {args} {}
proc exit {args} {}
proc forcedelete {args} {}
proc exec {args} {}
proc file_delete {args} {}
proc db {method args} {
  if {$method in {eval one exists onecolumn}} { emit [lindex $args 0] }
}
proc unknown {args} { return "" }
set testdir [file dirname [lindex $argv 0]]
set testprefix t
set in [open [lindex $argv 0]]
set text [read $in]
close $in
catch { eval $text }
