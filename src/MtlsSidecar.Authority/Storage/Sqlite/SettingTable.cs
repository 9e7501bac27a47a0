using System.Globalization;
using Microsoft.Data.Sqlite;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>The settings, one a row.</summary>
internal static class SettingTable
{
    private const string TrustDomainName = "trust_domain";
    private const string PublishedAt = "published_at";
    private const string CrlInterval = "crl_interval";
    private const string CrlValidity = "crl_validity";
    private const string RootCrlValidity = "root_crl_validity";

    public static AuthoritySettings Read(SqliteConnection connection) => new()
    {
        TrustDomain = TrustDomain.Parse(Text(connection, TrustDomainName)),
        PublishedAt = new Uri(Text(connection, PublishedAt)),
        CrlInterval = Time(connection, CrlInterval),
        CrlValidity = Time(connection, CrlValidity),
        RootCrlValidity = Time(connection, RootCrlValidity),
    };

    public static void Write(SqliteConnection connection, AuthoritySettings settings)
    {
        Put(connection, TrustDomainName, settings.TrustDomain.Name);
        Put(connection, PublishedAt, settings.PublishedAt.ToString());
        Put(connection, CrlInterval, settings.CrlInterval.ToString("c", CultureInfo.InvariantCulture));
        Put(connection, CrlValidity, settings.CrlValidity.ToString("c", CultureInfo.InvariantCulture));
        Put(connection, RootCrlValidity, settings.RootCrlValidity.ToString("c", CultureInfo.InvariantCulture));
    }

    private static void Put(SqliteConnection connection, string name, string value)
        => connection.Execute("INSERT INTO setting VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);

    private static string Text(SqliteConnection connection, string name)
        => connection.Text("SELECT value FROM setting WHERE name = ?1", name)
            ?? throw new AuthorityException($"the database has no setting {name}: it was not made by mtls-authority init");

    private static TimeSpan Time(SqliteConnection connection, string name) => TimeSpan.ParseExact(Text(connection, name), "c", CultureInfo.InvariantCulture);
}
