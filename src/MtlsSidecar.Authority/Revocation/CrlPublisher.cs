using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation;

/// <summary>
/// Signs and publishes CRLs, for server and commands alike: one at a time across processes, so that a number is never published after a
/// greater one. Each full CRL comes with a delta CRL of the same number against the last scheduled one (RFC 5280 §5.2.4).
/// </summary>
internal sealed class CrlPublisher(DataDirectory data, IAuthorityStore store, KeyRing keys, TimeProvider timeProvider)
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Signs and publishes a scheduled CRL, whatever has changed.</summary>
    /// <exception cref="AuthorityException">The issuer's key is not here, or the disk can't be written.</exception>
    public async Task<CrlRecord> PublishScheduledAsync(IssuerRecord issuer)
    {
        using var publication = await FileLock.AcquireAsync(data.PublicationLockFile, LockTimeout, timeProvider);
        return await SignAsync(issuer, isScheduled: true);
    }

    /// <summary>
    /// Signs and publishes a CRL whether or not anything has changed; a scheduled one if that is due. For the server's start: after a loss
    /// of power an older file may lie there than the database remembers.
    /// </summary>
    /// <exception cref="AuthorityException">The issuer's key is not here, or the disk can't be written.</exception>
    public async Task<CrlRecord> PublishAnewAsync(IssuerRecord issuer)
    {
        using var publication = await FileLock.AcquireAsync(data.PublicationLockFile, LockTimeout, timeProvider);
        return await SignAsync(issuer, IsDue(issuer));
    }

    /// <summary>Publishes what was revoked since the last CRL; nothing when another process has done so meanwhile.</summary>
    /// <exception cref="AuthorityException">The issuer's key is not here, or the disk can't be written.</exception>
    public async Task<CrlRecord?> PublishRevocationsAsync(IssuerRecord issuer)
    {
        using var publication = await FileLock.AcquireAsync(data.PublicationLockFile, LockTimeout, timeProvider);
        return store.IsCrlComplete(issuer.Name) ? null : await SignAsync(issuer, isScheduled: false);
    }

    /// <summary>
    /// Whether a scheduled CRL is due: there is none, it is as old as the interval, half of its validity is over, or it was dated by a clock
    /// that ran ahead and was set right since: nobody believes that one before its time.
    /// </summary>
    public bool IsDue(IssuerRecord issuer)
    {
        if (store.ReadPublishedCrl(issuer.Name) is not { } last || !File.Exists(data.CrlFile(issuer.Name)) || !File.Exists(data.DeltaCrlFile(issuer.Name)))
        {
            return true;
        }

        var now = timeProvider.GetUtcNow();
        return now >= last.MadeAt + store.ReadSettings().CrlInterval || now >= last.MadeAt + ((last.NextUpdate - last.MadeAt) / 2) || IsDatedAhead(last, now);
    }

    /// <summary>
    /// As long as nobody has accepted the clock, time is the latest that the database has seen, and a new CRL would be dated ahead as well:
    /// that one is not due, or it would be signed again every second.
    /// </summary>
    private bool IsDatedAhead(CrlRecord last, DateTimeOffset now) => last.ThisUpdate > now && last.ThisUpdate > store.LatestTime;

    private async Task<CrlRecord> SignAsync(IssuerRecord issuer, bool isScheduled)
    {
        var writer = new CrlWriter(keys.Open(issuer));
        var settings = store.ReadSettings();
        var plan = await store.PlanCrlAsync(issuer.Name, isScheduled, issuer.IsRoot ? settings.RootCrlValidity : settings.CrlValidity);
        var header = new CrlHeader(issuer.Certificate, plan.Next.Number, plan.Next.ThisUpdate, plan.Next.NextUpdate);
        try
        {
            using var full = new CrlSpool(data.CrlFile(issuer.Name));
            using var delta = new CrlSpool(data.DeltaCrlFile(issuer.Name));
            Spool(plan, full, delta);

            // The delta first: between the two, who reads both finds a delta that is newer than its CRL, never one that lacks something.
            writer.Write(data.DeltaCrlFile(issuer.Name), header with { BaseNumber = plan.Base.Number }, delta);
            writer.Write(data.CrlFile(issuer.Name), header with { DeltaAddress = new PublicAddresses(settings.PublishedAt).DeltaCrl(issuer.Name) }, full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuthorityException($"CRL {plan.Next.Number} of {issuer.Name} can't be written, the old one stays published: {exception.Message}", exception);
        }

        await store.MarkPublishedAsync(plan.Next);
        return plan.Next;
    }

    private void Spool(CrlPlan plan, CrlSpool full, CrlSpool delta)
    {
        foreach (var entry in store.ReadCrlEntries(plan))
        {
            if (entry.IsInFull)
            {
                full.Append(entry);
            }

            if (entry.IsInDelta)
            {
                delta.Append(entry);
            }
        }
    }
}
