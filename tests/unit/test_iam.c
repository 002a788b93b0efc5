/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection string says of Google credentials, as google/ is asked for them: each keyword's own value, and nothing of another one's. */
#include "google_support.h"

#include "config/options.h"
#include "handle/iam.h"

/* Each keyword of the credentials has its own name for a value. */
static void test_options(void)
{
    static const enum aldb_keyword keywords[] = {
        ALDB_KW_CredentialsFile, ALDB_KW_CredentialsJson, ALDB_KW_AccessToken, ALDB_KW_LoginToken, ALDB_KW_ImpersonateServiceAccount,
        ALDB_KW_Delegates,       ALDB_KW_QuotaProject,    ALDB_KW_UniverseDomain, ALDB_KW_ProxyUrl, ALDB_KW_NoProxy,
    };
    struct aldb_options o;
    aldb_options_init(&o);
    for (size_t i = 0; i < ALDB_COUNT(keywords); i++) {
        struct aldb_slice name = aldb_slice_of(aldb_keyword_info(keywords[i])->name);
        GT_OK(aldb_options_set(&o, name, name, ALDB_FROM_STRING, &diag), &diag);
    }
    struct aldb_credentials_options c = aldb_iam_options(&o);
    GT_TEXT(c.CredentialsFile, "CredentialsFile");
    GT_TEXT(c.CredentialsJson.value, "CredentialsJson");
    GT_TEXT(c.AccessToken.value, "AccessToken");
    GT_TEXT(c.LoginToken.value, "LoginToken");
    GT_TEXT(c.ImpersonateServiceAccount, "ImpersonateServiceAccount");
    GT_TEXT(c.Delegates, "Delegates");
    GT_TEXT(c.QuotaProject, "QuotaProject");
    GT_TEXT(c.UniverseDomain, "UniverseDomain");
    GT_TEXT(c.ProxyUrl, "ProxyUrl");
    GT_TEXT(c.NoProxy, "NoProxy");
    CU_ASSERT_PTR_NULL(c.user_agent);
    CU_ASSERT_PTR_NULL(c.ca_file);
    CU_ASSERT_PTR_NULL(c.iam_endpoint);
    aldb_options_clear(&o);
}

int main(void)
{
    CU_TestInfo tests[] = {{"options", test_options}, CU_TEST_INFO_NULL};
    gt_begin();
    return gt_run("iam", tests);
}
