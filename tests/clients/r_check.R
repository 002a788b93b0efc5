# SPDX-License-Identifier: Apache-2.0
# What the R cases share: `is` compares whole values with their types and attributes, `finish` ends with the number of those that differ.
failures <- 0L

is <- function(what, got, expected) {
    if (identical(got, expected)) {
        cat("ok     ", what, "\n")
        return(invisible())
    }
    failures <<- failures + 1L
    cat("FAILED ", what, ":\n got      ", deparse(got), "\n expected ", deparse(expected), "\n")
}

# The message of what an expression must be refused with.
refusal <- function(expression) tryCatch({ expression; "not refused" }, error = conditionMessage)

finish <- function() {
    cat(failures, "failed\n")
    quit(status = if (failures == 0L) 0L else 1L)
}
