/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists whose elements are taken out at the same cost however many there are. An element has `next`, and `prev`, which is where the pointer to it stands: in the
 * element before it or in the list's head; NULL while it is in no list. Whoever owns the list locks it.
 */
#ifndef ALDB_BASE_LIST_H
#define ALDB_BASE_LIST_H

#define ALDB_LIST_ADD(head, element)                                                               \
    do {                                                                                           \
        (element)->next = *(head);                                                                 \
        (element)->prev = (head);                                                                  \
        if ((element)->next) {                                                                     \
            (element)->next->prev = &(element)->next;                                              \
        }                                                                                          \
        *(head) = (element);                                                                       \
    } while (0)

#define ALDB_LIST_REMOVE(element)                                                                  \
    do {                                                                                           \
        if ((element)->prev) {                                                                     \
            *(element)->prev = (element)->next;                                                    \
            if ((element)->next) {                                                                 \
                (element)->next->prev = (element)->prev;                                           \
            }                                                                                      \
            (element)->next = NULL;                                                                \
            (element)->prev = NULL;                                                                \
        }                                                                                          \
    } while (0)

#endif
