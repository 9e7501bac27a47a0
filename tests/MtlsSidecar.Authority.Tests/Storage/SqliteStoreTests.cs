using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Storage.Sqlite;
using MtlsSidecar.Authority.Tests.Harness;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Tests.Storage;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private string DatabaseFile => _directory["authority.db"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void DatabaseOfAnEarlierProgram_IsBroughtForward()
    {
        SqliteDatabase.Create(DatabaseFile, TimeProvider.System).Dispose();
        Change("DROP TABLE token; DROP TABLE token_use; DROP INDEX certificate_by_identity; PRAGMA user_version = 1");

        using (var store = new SqliteStore(SqliteDatabase.Open(DatabaseFile, TimeProvider.System)))
        {
            store.FindDamage().Should().BeNull();
        }

        Number("PRAGMA user_version").Should().Be(SqliteSchema.Latest);
        Number("SELECT count(*) FROM token").Should().Be(0);
    }

    [Fact]
    public void DatabaseOfALaterProgram_IsRefusedAndLeftAlone()
    {
        SqliteDatabase.Create(DatabaseFile, TimeProvider.System).Dispose();
        Change("PRAGMA user_version = 99");

        FluentActions.Invoking(() => SqliteDatabase.Open(DatabaseFile, TimeProvider.System)).Should().Throw<AuthorityException>().WithMessage("*later*");

        Number("PRAGMA user_version").Should().Be(99);
    }

    [Fact]
    public void Garbage_IsRefusedWithAdvice()
    {
        File.WriteAllBytes(DatabaseFile, [.. Enumerable.Repeat((byte)'x', 8192)]);

        FluentActions.Invoking(() => SqliteDatabase.Open(DatabaseFile, TimeProvider.System)).Should().Throw<AuthorityException>().WithMessage("*damaged*backup*");
    }

    [Fact]
    public void EntriesOfACrl_AreReadInTheOrderOfTheTable_AndNotSorted()
    {
        SqliteDatabase.Create(DatabaseFile, TimeProvider.System).Dispose();
        using var connection = Connect();
        var crl = new CrlRecord("issuing-1", 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1);
        using var command = RevocationTable.SelectListed(connection, new CrlPlan(crl, crl, DateTimeOffset.UnixEpoch));

        command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
        using var plan = command.ExecuteReader();
        var steps = plan.Cast<System.Data.IDataRecord>().Select(step => step.GetString(3)).ToList();

        steps.Should().Contain(step => step.Contains("revocation USING PRIMARY KEY"))
            .And.NotContain(step => step.Contains("TEMP B-TREE"), "a sort of a million entries takes longer than all the rest");
    }

    [Fact]
    public async Task TokenOfSeveralUses_RedeemedByManyAtOnce_YieldsNoMoreCertificatesThanUses()
    {
        using var authority = await LocalAuthority.CreateAsync();
        var token = await authority.TokenAsync(uses: 5);

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => authority.Enroller.EnrolAsync(token, Requests.Create()))));

        results.OfType<EnrolmentResult.Issued>().Should().HaveCount(5);
        results.OfType<EnrolmentResult.Refused>().Should().OnlyContain(refused => refused.Reason == EnrolmentRefusal.UsedToken);
        authority.Store.ReadCertificates().Count(certificate => certificate.Kind == CertificateKind.Workload).Should().Be(5);
    }

    [Fact]
    public async Task TokenThatIsBeingRedeemed_IsReadByNobodyElseBeforeItsUseIsCounted()
    {
        using var authority = await LocalAuthority.CreateAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = EnrolmentToken.HashOf(await authority.TokenAsync(uses: 1));
        var signing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var mayGoOn = new ManualResetEventSlim();
        var first = Task.Run(() => authority.Store.RedeemTokenAsync(token, [1], _ =>
        {
            signing.SetResult();
            mayGoOn.Wait();
            return Sign();
        }));
        await signing.Task;

        var second = authority.Store.RedeemTokenAsync(token, [2], _ => Sign());
        mayGoOn.Set();

        (await first).Outcome.Should().Be(TokenOutcome.Issued);
        (await second).Outcome.Should().Be(TokenOutcome.UsedUp);

        CertificateRecord Sign() => authority.Issuance.SignWorkload(LocalAuthority.Subject(), new(key), (TimeSpan.FromHours(1), "token")).Record;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IdentityThatRenewsAsFastAsItCan_IsRevokedWithoutALeftover(bool enrols)
    {
        using var authority = await LocalAuthority.CreateAsync();
        var token = await authority.TokenAsync(uses: 10_000);
        var first = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => authority.IssueAsync()));
        var begun = new CountdownEvent(4);
        var racing = first.Select(workload => Task.Run(() => enrols ? EnrolUntilRefusedAsync() : RenewUntilRefusedAsync(workload))).ToList();
        begun.Wait();

        await authority.Store.RevokeIdentityAsync(first[0].Issued.Record.Identity, CrlReason.KeyCompromise, authority.Clock.GetUtcNow());

        await Task.WhenAll(racing);
        authority.Store.ReadCertificates().Where(certificate => certificate.Kind == CertificateKind.Workload).Should()
            .HaveCountGreaterThan(4).And.OnlyContain(certificate => certificate.Revocation != null);

        async Task RenewUntilRefusedAsync(LocalWorkload workload)
        {
            var current = workload.Issued.Record;
            while (await authority.Issuance.RenewWorkloadAsync(current, LocalAuthority.Subject(), new(workload.Key), TimeSpan.FromDays(1)) is { } next)
            {
                current = next.Record;
                Begun();
            }
        }

        async Task EnrolUntilRefusedAsync()
        {
            while (await authority.Enroller.EnrolAsync(token, Requests.Create()) is EnrolmentResult.Issued)
            {
                Begun();
            }
        }

        void Begun()
        {
            lock (begun)
            {
                _ = begun.IsSet || begun.Signal();
            }
        }
    }

    [Fact]
    public async Task RevokedIdentity_LosesCertificatesOnHoldForGood_AndItsTokens_AndNobodyElseDoes()
    {
        using var authority = await LocalAuthority.CreateAsync();
        var (held, other) = (await authority.IssueAsync("web"), await authority.IssueAsync("orders"));
        var (token, otherToken) = (await authority.TokenAsync("web"), await authority.TokenAsync("orders"));
        await authority.Store.RevokeAsync(held.Issued.Record, CrlReason.CertificateHold);

        var revocation = await authority.Store.RevokeIdentityAsync(held.Issued.Record.Identity, CrlReason.KeyCompromise, authority.Clock.GetUtcNow());

        revocation.Certificates.Should().ContainSingle().Which.Outcome.Should().Be(RevocationOutcome.Revoked);
        revocation.CancelledTokens.Should().Be(1);
        (await authority.Store.RevokeAsync(held.Issued.Record, CrlReason.RemoveFromCrl)).Should().Be(RevocationOutcome.NotOnHold);
        (await authority.Enroller.EnrolAsync(token, Requests.Create())).Should().BeOfType<EnrolmentResult.Refused>().Which.Reason.Should().Be(EnrolmentRefusal.UnknownToken);
        (await authority.Enroller.EnrolAsync(otherToken, Requests.Create())).Should().BeOfType<EnrolmentResult.Issued>();
        authority.Store.ReadStatus("issuing-1", other.Issued.Record.Serial).Revocation.Should().BeNull();
    }

    [Fact]
    public async Task RevocationByAnotherProcess_IsSeenAtOnce()
    {
        using var authority = await LocalAuthority.CreateAsync();
        using var other = authority.Data.OpenStore(authority.Clock);
        var web = await authority.IssueAsync();
        var generation = authority.Store.Generation;

        await other.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise);

        authority.Store.Generation.Should().BeGreaterThan(generation);
        authority.Store.ReadStatus("issuing-1", web.Issued.Record.Serial).Revocation!.Reason.Should().Be(CrlReason.KeyCompromise);
    }

    [Fact]
    public async Task ClockMovedBack_IssuesNothing_ButRevokes()
    {
        using var authority = await LocalAuthority.CreateAsync();
        var web = await authority.IssueAsync();
        var token = await authority.TokenAsync();
        authority.Clock.SetUtcNow(authority.Clock.GetUtcNow().AddHours(-1));

        await FluentActions.Awaiting(() => authority.IssueAsync()).Should().ThrowAsync<ClockMovedBackException>();
        await FluentActions.Awaiting(() => authority.Enroller.EnrolAsync(token, Requests.Create())).Should().ThrowAsync<ClockMovedBackException>();
        (await authority.Store.RevokeAsync(web.Issued.Record, CrlReason.KeyCompromise)).Should().Be(RevocationOutcome.Revoked);

        await authority.Store.AcceptClockAsync();
        (await authority.Enroller.EnrolAsync(token, Requests.Create())).Should().BeOfType<EnrolmentResult.Issued>();
    }

    [Fact]
    public async Task ClockMovedBackALittle_DoesNotReviveAnExpiredToken()
    {
        using var authority = await LocalAuthority.CreateAsync();
        var token = await authority.TokenAsync(valid: TimeSpan.FromMinutes(1));
        authority.Clock.Advance(TimeSpan.FromMinutes(2));
        await authority.IssueAsync();
        authority.Clock.SetUtcNow(authority.Clock.GetUtcNow().AddMinutes(-2));

        var result = await authority.Enroller.EnrolAsync(token, Requests.Create());

        result.Should().BeOfType<EnrolmentResult.Refused>().Which.Reason.Should().Be(EnrolmentRefusal.ExpiredToken);
    }

    private void Change(string sql)
    {
        using var connection = Connect();
        connection.Execute(sql);
    }

    private long Number(string sql)
    {
        using var connection = Connect();
        return connection.Number(sql);
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        return connection;
    }
}
