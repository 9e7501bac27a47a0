using System.CommandLine;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Commands;

/// <summary>The options of <c>serve</c>. Those about certificates and CRLs are kept in the data directory, since commands need them too.</summary>
internal sealed class ServeCommandOptions
{
    private const int MaxLimit = 1_000_000;
    private static readonly TimeSpan MaxCrlInterval = TimeSpan.FromDays(1);
    private static readonly TimeSpan MaxCertificateLifetime = TimeSpan.FromDays(90);
    private static readonly TimeSpan MaxValidity = TimeSpan.FromDays(30);

    private static readonly Uri DefaultListen = new("https://127.0.0.1:8444");
    private static readonly Uri DefaultPublish = new("http://127.0.0.1:8480");
    private static readonly Uri DefaultAdmin = new("http://127.0.0.1:8490");

    private readonly Option<Uri?> _listen = UrlOption.Create("--listen", $"Where enrolment and validation listen; default {DefaultListen}");
    private readonly Option<Uri?> _publish = UrlOption.Create("--publish", $"Where CRLs, certificates and OCSP are published; default {DefaultPublish}");
    private readonly Option<Uri?> _admin = UrlOption.Create("--admin", $"Where metrics and probes are; default {DefaultAdmin}");
    private readonly Option<Uri?> _advertise = UrlOption.Create(
        "--advertise", "Where relying parties reach what is published; stands in certificates. Without it: what --publish says, if that was given, else as before.");

    private readonly Option<string[]> _names = new("--name") { Description = "A further name or address of the server's certificate; may be repeated.", HelpName = "NAME" };
    private readonly Option<string?> _crlInterval = new("--crl-interval") { Description = "How often a CRL is signed although nothing was revoked; at most 1d, which is the default.", HelpName = "TIME" };
    private readonly Option<string?> _crlValidity = new("--crl-validity") { Description = "How long a CRL counts; default 2d.", HelpName = "TIME" };
    private readonly Option<string> _certificateLifetime = Time("--certificate-lifetime", "1d", "How long the certificate of a workload that enrols or renews is valid.");
    private readonly Option<string> _ocspValidity = Time("--ocsp-validity", "1h", "How long an OCSP answer counts.");
    private readonly Option<string> _validationValidity = Time("--validation-validity", "5m", "How long a verdict of the validation endpoint counts.");
    private readonly Option<int> _rateLimit = new("--rate-limit") { Description = "Requests a second of one caller, five times as many at once; 0: no limit.", HelpName = "N", DefaultValueFactory = _ => 200 };
    private readonly Option<int> _connectionLimit = new("--connection-limit") { Description = "Connections that one caller may hold; 0: no limit.", HelpName = "N", DefaultValueFactory = _ => 1000 };
    private readonly Option<string> _drainDelay = Time("--drain-delay", "0s", "How long after SIGTERM new connections are still served.");
    private readonly Option<string> _gracePeriod = Time("--grace-period", "25s", "How long requests in flight have after that.");

    /// <summary>Adds the options to the command.</summary>
    public void AddTo(Command command)
    {
        Option[] all =
            [_listen, _publish, _admin, _advertise, _names, _certificateLifetime, _crlInterval, _crlValidity, _ocspValidity, _validationValidity, _rateLimit, _connectionLimit, _drainDelay, _gracePeriod];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>How the server is to run.</summary>
    /// <exception cref="UsageException">An option is out of range.</exception>
    public ServeOptions ReadServer(ParseResult parsed) => new()
    {
        Listen = ListenAddress.Read(_listen.Name, parsed.GetValue(_listen) ?? DefaultListen, Uri.UriSchemeHttps),
        Publish = ListenAddress.Read(_publish.Name, parsed.GetValue(_publish) ?? DefaultPublish, Uri.UriSchemeHttp),
        Admin = ListenAddress.Read(_admin.Name, parsed.GetValue(_admin) ?? DefaultAdmin, Uri.UriSchemeHttp),
        Names = [.. (parsed.GetValue(_names) ?? []).Select(CheckName)],
        CertificateLifetime = ReadTime(_certificateLifetime.Name, parsed.GetValue(_certificateLifetime)!, TimeSpan.FromSeconds(5), MaxCertificateLifetime),
        OcspValidity = ReadTime(_ocspValidity.Name, parsed.GetValue(_ocspValidity)!, TimeSpan.FromMinutes(1), MaxValidity),
        ValidationValidity = ReadTime(_validationValidity.Name, parsed.GetValue(_validationValidity)!, TimeSpan.FromSeconds(1), MaxValidity),
        RateLimit = ReadLimit(_rateLimit.Name, parsed.GetValue(_rateLimit)),
        ConnectionLimit = ReadLimit(_connectionLimit.Name, parsed.GetValue(_connectionLimit)),
        DrainDelay = ReadTime(_drainDelay.Name, parsed.GetValue(_drainDelay)!, TimeSpan.Zero, TimeSpan.FromHours(1)),
        GracePeriod = ReadTime(_gracePeriod.Name, parsed.GetValue(_gracePeriod)!, TimeSpan.Zero, TimeSpan.FromHours(1)),
    };

    /// <summary>The settings of the data directory with what was given on top.</summary>
    /// <exception cref="UsageException">An option is out of range.</exception>
    public AuthoritySettings ReadSettings(ParseResult parsed, AuthoritySettings before)
    {
        var settings = before with
        {
            PublishedAt = parsed.GetValue(_advertise) ?? parsed.GetValue(_publish) ?? before.PublishedAt,
            CrlInterval = parsed.GetValue(_crlInterval) is { } interval ? ReadTime(_crlInterval.Name, interval, TimeSpan.FromSeconds(1), MaxCrlInterval) : before.CrlInterval,
            CrlValidity = parsed.GetValue(_crlValidity) is { } validity ? ReadTime(_crlValidity.Name, validity, TimeSpan.FromMinutes(1), MaxValidity) : before.CrlValidity,
        };
        AdvertisedAddress.ThrowIfUnusable(settings.PublishedAt);
        return settings.CrlValidity > settings.CrlInterval
            ? settings
            : throw new UsageException($"--crl-validity ({settings.CrlValidity}) must be longer than --crl-interval ({settings.CrlInterval}): a CRL would end before its successor comes.");
    }

    private static string CheckName(string name) => Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6
        ? name.ToLowerInvariant()
        : throw new UsageException($"--name is '{name}', which is neither a DNS name nor an address.");

    /// <summary>A slip of the pen such as -1 must not lift a limit.</summary>
    private static int ReadLimit(string option, int limit)
        => limit is >= 0 and <= MaxLimit ? limit : throw new UsageException($"{option} is {limit}, and must be from 0, which is no limit, to {MaxLimit}.");

    private static TimeSpan ReadTime(string option, string text, TimeSpan least, TimeSpan most)
        => DurationText.TryParse(text, out var time) && time >= least && time <= most
            ? time
            : throw new UsageException($"{option} is '{text}', and must be a time from {least} to {most}, such as 30m or 1h.");

    private static Option<string> Time(string name, string standard, string description)
        => new(name) { Description = description, HelpName = "TIME", DefaultValueFactory = _ => standard };
}
