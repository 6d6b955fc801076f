package tarn.server;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Properties;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.Settings;

/** E-mail by the server that lake.yaml names (SMTP). */
final class Mail {
  private static final String TIMEOUT_MILLIS = "10000";

  private final LakeDefinition lake;
  private final Settings settings;
  private final Secrets secrets;

  Mail(LakeDefinition lake, Secrets secrets) {
    this.lake = lake;
    this.secrets = secrets;
    this.settings = lake.settings();
  }

  /** Sends a text; {@code SOURCE_UNAVAILABLE} if the server does not take it. */
  void send(String to, String subject, String text) {
    String host = settings.find(LakeSettings.SMTP_HOST).orElse("");
    int port = Math.toIntExact(settings.get(LakeSettings.SMTP_PORT));
    Session session = Session.getInstance(properties(host));
    try (Transport transport = session.getTransport("smtp")) {
      MimeMessage message = new MimeMessage(session);
      message.setFrom(new InternetAddress(settings.get(LakeSettings.SMTP_FROM)));
      message.setRecipient(Message.RecipientType.TO, new InternetAddress(to));
      message.setSubject(subject, StandardCharsets.UTF_8.name());
      message.setText(text, StandardCharsets.UTF_8.name());
      message.setSentDate(new Date());
      message.saveChanges();
      if (settings.has(LakeSettings.SMTP_USER)) {
        transport.connect(
            host,
            port,
            settings.find(LakeSettings.SMTP_USER).orElse(""),
            secrets.referenced(
                lake,
                settings.find(LakeSettings.SMTP_PASSWORD).orElse(""),
                LakeSettings.SMTP_PASSWORD.key()));
      } else {
        transport.connect(host, port, null, null);
      }
      transport.sendMessage(message, message.getAllRecipients());
    } catch (MessagingException e) {
      throw new TarnException(
          ErrorCode.SOURCE_UNAVAILABLE,
          "the server "
              + host
              + ":"
              + port
              + " did not take an e-mail ("
              + e.getClass().getSimpleName()
              + "); see smtp in lake.yaml",
          e);
    }
  }

  private Properties properties(String host) {
    Properties properties = new Properties();
    properties.put("mail.smtp.host", host);
    properties.put("mail.smtp.connectiontimeout", TIMEOUT_MILLIS);
    properties.put("mail.smtp.timeout", TIMEOUT_MILLIS);
    properties.put("mail.smtp.writetimeout", TIMEOUT_MILLIS);
    properties.put("mail.smtp.auth", settings.has(LakeSettings.SMTP_USER));
    properties.put("mail.smtp.ssl.checkserveridentity", true);
    switch (settings.get(LakeSettings.SMTP_TLS)) {
      case STARTTLS -> {
        properties.put("mail.smtp.starttls.enable", true);
        properties.put("mail.smtp.starttls.required", true);
      }
      case TLS -> properties.put("mail.smtp.ssl.enable", true);
      case NONE -> properties.put("mail.smtp.starttls.enable", false);
    }
    return properties;
  }
}
