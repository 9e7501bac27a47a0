using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Revocation;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Validation;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>An authority inside the test's own process, on a real database, whose clock the test holds.</summary>
internal sealed class LocalAuthority : IDisposable
{
    private readonly TestDirectory _directory = new();

    private LocalAuthority(ManualTimeProvider clock)
    {
        Clock = clock;
        Data = new DataDirectory(_directory["authority"]);
    }

    public ManualTimeProvider Clock { get; }

    public DataDirectory Data { get; }

    public IAuthorityStore Store { get; private set; } = null!;

    public KeyRing Keys { get; private set; } = null!;

    public IssuerDirectory Issuers { get; private set; } = null!;

    public Issuance Issuance { get; private set; } = null!;

    public AuthorityFactory Factory { get; private set; } = null!;

    public CrlPublisher Crls { get; private set; } = null!;

    public Enroller Enroller => new(Store, Issuers, Issuance, Options);

    public ChainValidation Validation => new(Store, Issuers, Options, Clock);

    public ServeOptions Options { get; } = new()
    {
        Listen = new(System.Net.IPAddress.Loopback, 1),
        Publish = new(System.Net.IPAddress.Loopback, 2),
        Admin = new(System.Net.IPAddress.Loopback, 3),
    };

    public IssuerRecord Root => Issuers.Current.Root;

    public IssuerRecord Issuer => Issuers.Current.Issuing[0];

    public static async Task<LocalAuthority> CreateAsync()
    {
        // Whole seconds, as certificates and CRLs have them.
        var authority = new LocalAuthority(new ManualTimeProvider(DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds())));
        await authority.Data.CreateAsync(async next =>
        {
            using var store = next.CreateStore(authority.Clock);
            using var keys = new KeyRing(next, passphrase: null);
            await store.WriteSettingsAsync(new AuthoritySettings { TrustDomain = TrustDomain.Parse("foo.test") });
            var factory = new AuthorityFactory(store, keys, authority.Clock);
            await factory.CreateIssuerAsync(await factory.CreateRootAsync(), AuthorityFactory.FirstIssuerName, isActive: true);
        });
        authority.Open();
        return authority;
    }

    /// <summary>Opens everything anew, as a restart does.</summary>
    public void Reopen()
    {
        Keys.Dispose();
        Store.Dispose();
        Open();
    }

    public static WorkloadSubject Subject(string name = "web", params string[] dnsNames)
        => WorkloadSubject.TryCreate($"spiffe://foo.test/ns/default/sa/{name}", dnsNames, TrustDomain.Parse("foo.test"), out var subject, out var error)
            ? subject
            : throw new ArgumentException(error);

    /// <summary>Issues a certificate for a fresh key.</summary>
    public async Task<LocalWorkload> IssueAsync(string name = "web", TimeSpan? lifetime = null)
    {
        var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        return new LocalWorkload(
            await Issuance.IssueWorkloadAsync(Subject(name), new(key), (lifetime ?? Issuance.DefaultLifetime, "command")), key);
    }

    /// <summary>Makes a token and gives it as a requester would present it.</summary>
    public async Task<string> TokenAsync(string name = "web", int uses = 1, TimeSpan? valid = null)
    {
        var token = EnrolmentToken.Create();
        var subject = Subject(name);
        await Store.AddTokenAsync(new TokenGrant(
            EnrolmentToken.HashOf(token), subject.Id.ToString(), subject.DnsNames, Clock.GetUtcNow() + (valid ?? TimeSpan.FromHours(1)), uses));
        return token;
    }

    public void Dispose()
    {
        Keys.Dispose();
        Store.Dispose();
        _directory.Dispose();
    }

    private void Open()
    {
        Store = Data.OpenStore(Clock);
        Keys = new KeyRing(Data, passphrase: null);
        Issuers = new IssuerDirectory(Store);
        Issuance = new Issuance(Store, Issuers, Keys, Clock);
        Factory = new AuthorityFactory(Store, Keys, Clock);
        Crls = new CrlPublisher(Data, Store, Keys, Clock);
    }
}
