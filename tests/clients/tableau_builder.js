// SPDX-License-Identifier: Apache-2.0
// What Tableau's runtime gives a connection builder, as its Connector SDK describes it.
// Prints the connection string that packaging/tableau/connector makes of the dialog's values, given as JSON.
const fs = require('fs');
const path = require('path');

const braced = (value) => (/[;{}]|^\s|\s$/.test(value) ? `{${value.replace(/}/g, '}}')}}` : value);
global.connectionHelper = {
  attributeServer: 'server', attributePort: 'port', attributeDatabase: 'dbname', attributeUsername: 'username', attributePassword: 'password',
  attributeSSLMode: 'sslmode', attributeAuthentication: 'authentication',
  formatKeyValuePair: (key, value) => `${key}=${braced(String(value))}`,
  ParseODBCConnectString: (text) => Object.fromEntries(text.split(';').filter(Boolean).map((pair) => pair.split('='))),
};
global.driverLocator = { keywordDriver: 'DRIVER', locateDriver: () => 'AlloyDB' };
const builder = (0, eval)(fs.readFileSync(path.join(__dirname, '../../packaging/tableau/connector/connectionBuilder.js'), 'utf8'));
console.log(builder(JSON.parse(process.argv[2])).join(';'));
