//! E-mail by SMTP.

use super::content::MessageContent;
use lettre::message::{Mailbox, MultiPart, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MailSecurity {
    /// TLS from the first byte; port 465.
    Tls,
    /// TLS after STARTTLS, which is required; port 587.
    StartTls,
    /// None; port 25. No password is sent then.
    None,
}

/// A server that takes e-mail, and the addresses.
#[derive(Clone)]
pub(in crate::watch) struct MailServer {
    host: String,
    port: u16,
    security: MailSecurity,
    login: Option<Credentials>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailServer({}:{})", self.host, self.port)
    }
}

impl MailServer {
    /// # Errors
    /// What is wrong, in words without the password.
    pub(in crate::watch) fn new(
        host: String,
        port: Option<u16>,
        security: &str,
        login: Option<(String, String)>,
        from: &str,
        to: &[String],
    ) -> Result<Self, String> {
        let (security, usual_port) = match security {
            "tls" => (MailSecurity::Tls, 465),
            "starttls" => (MailSecurity::StartTls, 587),
            "none" => (MailSecurity::None, 25),
            _ => return Err("security is tls, starttls or none".to_owned()),
        };
        if security == MailSecurity::None && login.is_some() {
            return Err("a password needs security = \"tls\" or \"starttls\"".to_owned());
        }
        let mailbox = |text: &str| {
            text.parse::<Mailbox>().map_err(|_| {
                format!(
                    "“{}” is not an address such as ops@example.com",
                    poolkeeper_core::text::shorten(text)
                )
            })
        };
        if to.is_empty() {
            return Err("to names no address".to_owned());
        }
        Ok(Self {
            host,
            port: port.unwrap_or(usual_port),
            security,
            login: login.map(|(user, password)| Credentials::new(user, password)),
            from: mailbox(from)?,
            to: to.iter().map(|text| mailbox(text)).collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn send(&self, content: &MessageContent, timeout: Duration) -> Result<(), String> {
        let message = self.message(content)?;
        let tls = || TlsParameters::new(self.host.clone()).map_err(|error| error.to_string());
        let tls = match self.security {
            MailSecurity::Tls => Tls::Wrapper(tls()?),
            MailSecurity::StartTls => Tls::Required(tls()?),
            MailSecurity::None => Tls::None,
        };
        let mut sender = SmtpTransport::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(timeout));
        if let Some(login) = &self.login {
            sender = sender.credentials(login.clone());
        }
        sender
            .build()
            .send(&message)
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    fn message(&self, content: &MessageContent) -> Result<Message, String> {
        let seconds = Duration::from_secs(u64::try_from(content.at.timestamp()).unwrap_or(0));
        let mut mail = Message::builder()
            .message_id(Some(format!(
                "<{}.poolkeeper@{}>",
                content.id,
                self.from.email.domain()
            )))
            .from(self.from.clone())
            .subject(content.subject())
            .date(UNIX_EPOCH + seconds);
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        let built = match content.html() {
            Some(html) => mail.multipart(MultiPart::alternative_plain_html(content.text(), html)),
            None => mail.header(ContentType::TEXT_PLAIN).body(content.text()),
        };
        built.map_err(|error| error.to_string())
    }
}
