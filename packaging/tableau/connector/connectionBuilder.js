// SPDX-License-Identifier: Apache-2.0
// The connection string, from what the dialog has. A server that is an instance's name switches the driver's connector on.
(function dsbuilder(attr)
{
    var instance = /^projects\//.test(attr[connectionHelper.attributeServer]);
    var iam = attr[connectionHelper.attributeAuthentication] == "auth-none";
    var params = {};

    params["Server"] = attr[connectionHelper.attributeServer];
    params["Database"] = attr[connectionHelper.attributeDatabase];
    if (instance)
    {
        params["IpType"] = attr["v-ip-type"];
    }
    else
    {
        params["Port"] = attr[connectionHelper.attributePort];
        if (attr[connectionHelper.attributeSSLMode] == "require" || iam)
        {
            params["SSLMode"] = "verify-full";
            params["SSLRootCert"] = "system";
        }
    }
    if (iam)
    {
        params["EnableIamAuth"] = "yes";
    }
    else
    {
        params["UID"] = attr[connectionHelper.attributeUsername];
        params["PWD"] = attr[connectionHelper.attributePassword];
    }
    params["ApplicationName"] = "Tableau";

    // What a workbook or a TDC file adds wins.
    var extras = attr["odbc-connect-string-extras"];
    if (extras)
    {
        var more = connectionHelper.ParseODBCConnectString(extras);
        for (var name in more)
        {
            params[name] = more[name];
        }
    }

    var pairs = [connectionHelper.formatKeyValuePair(driverLocator.keywordDriver, driverLocator.locateDriver(attr))];
    for (var key in params)
    {
        pairs.push(connectionHelper.formatKeyValuePair(key, params[key]));
    }
    return pairs;
})
