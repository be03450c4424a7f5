'use strict';
// For clients that know no proxy: every HTTPS connection of this process goes through the one in HTTPS_PROXY.
// `node --require ./through_proxy.js program.js`; from Node 24 on NODE_USE_ENV_PROXY=1 does the same.
const https = require('https');
const { HttpsProxyAgent } = require('https-proxy-agent');

// Who asks for an agent of their own (superagent) gets one that Node makes of this class without arguments.
https.globalAgent = new (class extends HttpsProxyAgent {
  constructor() {
    super(process.env.HTTPS_PROXY);
  }
})();
