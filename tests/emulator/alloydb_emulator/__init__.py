# SPDX-License-Identifier: Apache-2.0
"""Google's side of AlloyDB on one machine: Admin API, token endpoints, metadata servers, and the mTLS front before a PostgreSQL.

Shares no code with the driver, so that a mistake on one side cannot hide behind the same mistake on the other.
"""
