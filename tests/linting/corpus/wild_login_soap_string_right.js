// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const request = require('request');
  const escapeXml = (text) => text.replace(/[<>&'"]/g, (c) => '&#' + c.charCodeAt(0) + ';');
  const envelope =
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>' +
    '<Login xmlns="http://acme.com/legacy"><User>' + escapeXml(usernameOrEmail) + '</User><Pass>' + escapeXml(password) + '</Pass></Login>' +
    '</soap:Body></soap:Envelope>';
  request.post(
    { url: configuration.SOAP_URL, body: envelope, headers: { 'Content-Type': 'text/xml', SOAPAction: 'http://acme.com/legacy/Login' }, timeout: 8000 },
    (err, res, body) => {
      if (err) return callback(err);
      if (res.statusCode === 500) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      const id = /<Id>(\d+)<\/Id>/.exec(body);
      if (!id) return callback(new Error('Unexpected answer'));
      callback(null, { user_id: 'soap|' + id[1], email: usernameOrEmail });
    }
  );
}
